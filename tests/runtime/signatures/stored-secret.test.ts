import { describe, expect, it } from "vitest";
import type { HmacSignature, SignatureDefinition } from "../../../runtime/signatures/definition.js";
import { SecretError } from "../../../runtime/signatures/scheme.js";
import { readKey } from "../../../runtime/signatures/stored-secret.js";
import { verifySignature } from "../../../runtime/signatures/verify.js";
import { signedRequest } from "../../support/signed-request.js";

const whsec: HmacSignature["key"] = { prefix: "whsec_", encoding: "base64" };
const bytes = Buffer.from("0123456789abcdef01234567");
const base64 = bytes.toString("base64");

describe("a key", () => {
  it.each([
    ["with its prefix", `whsec_${base64}`],
    ["without its prefix", base64],
    ["with the version of the signature in front, as Supabase shows it", `v1,whsec_${base64}`],
  ])("is read as the provider shows it: %s", (_, secret) => {
    expect(readKey(secret, whsec).export()).toEqual(bytes);
  });

  it("is read from base64 that lost its padding", () => {
    expect(readKey("whsec_a2V5", whsec).export()).toEqual(Buffer.from("key"));
    expect(readKey("whsec_a2V5MQ", whsec).export()).toEqual(Buffer.from("key1"));
    expect(readKey("whsec_a2V5MQ==", whsec).export()).toEqual(Buffer.from("key1"));
  });

  it("is the text itself where the provider says so, whatever it begins with", () => {
    expect(readKey("v1,whsec_x", { encoding: "utf8" }).export()).toEqual(Buffer.from("v1,whsec_x"));
  });

  it.each<[string, HmacSignature["key"], RegExp]>([
    ["", whsec, /^a stored secret is empty: store whsec_<base64> as the provider shows it, or several/],
    ["whsec_", whsec, /^a stored secret is empty: store whsec_<base64> as the provider shows it/],
    [`"whsec_${base64}"`, whsec, /^a stored secret is in quotes: store whsec_<base64>/],
    ["whsec_ä", whsec, /^a stored secret is not base64: store whsec_<base64> as the provider shows it/],
    [`whpk_${base64}`, whsec, /^a stored secret is not base64/],
    [
      `whsec_${base64} whsec_${base64}`,
      whsec,
      /^a stored secret is not base64: .*, or several as a JSON array$/,
    ],
    [base64, { encoding: "hex" }, /^a stored secret is not hexadecimal: store <hexadecimal digits> as the/],
    ["abc", { encoding: "hex" }, /^a stored secret is not hexadecimal/],
  ])("is not %j", (secret, key, message) => {
    expect(() => readKey(secret, key)).toThrow(message);
    expect(() => readKey(secret, key)).toThrow(SecretError);
  });
});

describe("a stored secret in a form that no provider shows", () => {
  const body = '{"id":1}';
  const definitions: [string, SignatureDefinition, Parameters<typeof signedRequest>[0]][] = [
    [
      "hmac",
      {
        kind: "hmac",
        hash: "sha256",
        encoding: "hex",
        header: "x-s",
        content: "{body}",
        key: { encoding: "utf8" },
      },
      { headers: [["x-s", "00".repeat(32)]] },
    ],
    ["token", { kind: "token", header: "x-s" }, { headers: [["x-s", "x"]] }],
    ["basic", { kind: "basic" }, { headers: [["authorization", "Basic eDp5"]] }],
    [
      "public-key",
      { kind: "public-key", algorithm: "ed25519", encoding: "hex", header: "x-s", content: "{body}" },
      { headers: [["x-s", "00".repeat(64)]] },
    ],
    [
      "twilio",
      { kind: "twilio", publicUrl: "https://x.test/" },
      { headers: [["x-twilio-signature", Buffer.alloc(20).toString("base64")]], body: "" },
    ],
  ];
  const forms = [
    '{"secret":"s3cret"}',
    '{"username":"hooks","password":"s3cret"}',
    '{ "a": "b", "c": "d" }',
    "{secret:s3cret}",
    '"s3cret"',
    "'user:s3cret'",
    "one:1\ntwo:2",
    "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
  ];

  it.each(definitions)("is our mistake, not the webhook's: %s", async (_, definition, parts) => {
    const request = signedRequest({ body, ...parts });
    for (const form of forms) {
      await expect(verifySignature(definition, request, [form])).rejects.toThrow(SecretError);
    }
  });

  it.each(definitions)(
    "is told with what to store instead, and never repeated: %s",
    async (_, definition, parts) => {
      const told = await verifySignature(definition, signedRequest({ body, ...parts }), [
        '{"secret":"s3cret"}',
      ]).catch((error: Error) => error.message);
      expect(told).toMatch(/JSON with keys.*: (store|give) /);
      expect(told).not.toContain("s3cret");
    },
  );

  it("counts where both sides have it", async () => {
    for (const form of forms) {
      const request = signedRequest({ headers: [["x-s", form]] });
      expect(await verifySignature({ kind: "token", header: "x-s" }, request, [form])).toEqual({
        verified: true,
      });
    }
  });

  it("does no harm beside one that fits", async () => {
    const request = signedRequest({ headers: [["x-s", "s3cret"]] });
    expect(
      await verifySignature({ kind: "token", header: "x-s" }, request, ['{"secret":"s3cret"}', "s3cret"]),
    ).toEqual({ verified: true });
  });
});
