import { describe, expect, it } from "vitest";
import { providers } from "../../../../providers/support/known.js";
import { secretHeaders, secretQueryParameters } from "../../../../runtime/signatures/definition.js";
import { SecretError, verifySignature } from "../../../../runtime/signatures/verify.js";
import { senderOf } from "../../../support/senders/index.js";
import { signedRequest } from "../../../support/signed-request.js";

describe("a token", () => {
  it("is believed in a query parameter, once", async () => {
    const definition = { kind: "token", query: "key" } as const;
    const verify = (...query: [string, string][]) =>
      verifySignature(definition, signedRequest({ query }), ["s3cret"]);
    expect(await verify(["a", "b"], ["key", "s3cret"])).toEqual({ verified: true });
    expect(await verify(["key", "s3cre"])).toEqual({
      verified: false,
      reason: "the query parameter key does not contain an active secret of the source",
      otherSecret: true,
    });
    expect(await verify(["KEY", "s3cret"])).toMatchObject({ reason: "the query parameter key is missing" });
    expect(await verify(["key", "s3cret"], ["key", "x"])).toMatchObject({
      reason: "the query parameter key occurs 2 times",
      otherSecret: false,
    });
  });

  it("is looked for after its prefix", async () => {
    const definition = { kind: "token", header: "authorization", prefix: "Bearer " } as const;
    const verify = (value: string) =>
      verifySignature(definition, signedRequest({ headers: [["Authorization", value]] }), ["s3cret"]);
    expect(await verify("Bearer s3cret")).toEqual({ verified: true });
    expect(
      await verifySignature(definition, signedRequest({ headers: [["Authorization", "Bearer s3cret"]] }), [
        "Bearer s3cret",
      ]),
    ).toEqual({ verified: true });
    expect(await verify("s3cret")).toMatchObject({
      reason: "authorization does not start with Bearer",
      otherSecret: false,
    });
  });

  it("is never empty", async () => {
    const request = signedRequest({ headers: [["x-key", ""]] });
    await expect(verifySignature({ kind: "token", header: "x-key" }, request, [""])).rejects.toThrow(
      SecretError,
    );
  });
});

describe("basic authentication", () => {
  const verify = (value: string, secrets = ["user:pass:word"]) =>
    verifySignature({ kind: "basic" }, signedRequest({ headers: [["Authorization", value]] }), secrets);
  const encoded = Buffer.from("user:pass:word").toString("base64");

  it("is believed in whatever case its scheme is written", async () => {
    for (const scheme of ["Basic", "basic", "BASIC "]) {
      expect(await verify(`${scheme} ${encoded}`)).toEqual({ verified: true });
    }
  });

  it.each([`Bearer ${encoded}`, "Basic", "Basic !!!!", encoded, `Basic ${encoded} x`])(
    "is not %j",
    async (value) => {
      expect(await verify(value)).toEqual({
        verified: false,
        reason: "the header authorization is not Basic with base64",
        otherSecret: false,
      });
    },
  );

  it.each(["", ":", "token"])("blames the secret %j, which is no user and password", async (secret) => {
    await expect(verify(`Basic ${encoded}`, [secret])).rejects.toThrow(SecretError);
  });
});

describe("what carries a secret in the clear", () => {
  it("is known by header and by query parameter", async () => {
    expect(secretHeaders({ kind: "basic" })).toEqual(["authorization"]);
    expect(secretHeaders({ kind: "token", header: "x-key" })).toEqual(["x-key"]);
    expect(secretHeaders({ kind: "token", query: "key" })).toEqual([]);
    expect(secretQueryParameters({ kind: "token", query: "key" })).toEqual(["key"]);
    expect(secretQueryParameters({ kind: "token", header: "x-key" })).toEqual([]);
  });

  it("is named for exactly the providers that show their secret", async () => {
    const named = Object.entries(providers).filter(
      ([, { signature }]) => secretHeaders(signature).length > 0,
    );
    const showing = Object.entries(providers).filter(
      ([name, provider]) => senderOf(name, provider).covers === "nothing",
    );
    expect(named.map(([name]) => name)).toEqual(showing.map(([name]) => name));
    expect(named.map(([name]) => name)).toEqual(expect.arrayContaining(["gitlab", "okta", "postmark"]));
  });
});
