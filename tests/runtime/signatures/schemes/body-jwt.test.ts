import { createHash, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { SecretError, verifySignature } from "../../../../runtime/signatures/verify.js";
import { bodyClaim, fusionAuthToken } from "../../../support/senders/own-schemes.js";
import { ed25519Pair, p256Pair, pem, rsaPair } from "../../../support/senders/sender.js";
import { signedRequest } from "../../../support/signed-request.js";

const body = '{"event":{"id":"1"}}';
const definition = { kind: "body-jwt", header: "x-token", claim: "request_body_sha256" } as const;
const receivedAt = 1_767_225_600_000;

const verify = (token: string, secrets: string[], sent = body) =>
  verifySignature(definition, signedRequest({ headers: [["X-Token", token]], body: sent }), secrets);

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a token that vouches for the body", () => {
  const ed25519 = ed25519Pair();
  const p256 = p256Pair();
  const rsa = rsaPair();

  it.each([
    ["EdDSA", ed25519, null],
    ["ES256", p256, "sha256"],
    ["RS256", rsa, "sha256"],
  ] as const)("is believed when signed with %s and the public key is stored", async (alg, pair, hash) => {
    const content = `${part({ alg })}.${part(bodyClaim(body))}`;
    const key = { key: pair.privateKey, dsaEncoding: "ieee-p1363" } as const;
    const token = `${content}.${sign(hash, Buffer.from(content), key).toString("base64url")}`;
    expect(await verify(token, [pem(pair.publicKey)])).toEqual({ verified: true });

    const pinned = { ...definition, publicKey: pem(pair.publicKey) };
    const request = signedRequest({ headers: [["x-token", token]], body });
    expect(await verifySignature(pinned, request, [])).toEqual({ verified: true });
    expect(await verify(token, [pem(pair.publicKey)], `${body} `)).toMatchObject({
      reason: "the token's claim request_body_sha256 is not the sha256 of the body",
    });
  });

  it("is not believed when a public key was used as the secret of an HMAC", async () => {
    const publicKey = pem(rsa.publicKey);
    expect(await verify(fusionAuthToken(publicKey, bodyClaim(body)), [publicKey])).toMatchObject({
      verified: false,
    });
  });

  it.each(["none", "hs256", "toString", "HS1"])(
    "is not believed with the algorithm %s",
    async (algorithm) => {
      expect(await verify(fusionAuthToken("s", bodyClaim(body), algorithm), ["s"])).toMatchObject({
        verified: false,
      });
    },
  );

  it("is not believed without a signature, or with parts that are none", async () => {
    const claims = part(bodyClaim(body));
    for (const token of ["", "a", "a.b", `${part({ alg: "none" })}.${claims}.`, `x.${claims}.y`, "a.b.c.d"]) {
      expect(await verify(token, ["s"])).toEqual({
        verified: false,
        reason: "x-token does not contain a signed token",
        otherSecret: false,
      });
    }
  });

  it("is held to the times it carries, at the time the webhook was received", async () => {
    const at = (claims: object) => verify(fusionAuthToken("s", { ...bodyClaim(body), ...claims }), ["s"]);
    const now = receivedAt / 1000;
    expect(await at({ exp: now + 1, nbf: now })).toEqual({ verified: true });
    expect(await at({ exp: now })).toMatchObject({ reason: "the token had expired" });
    expect(await at({ exp: "later" })).toMatchObject({ reason: "the token had expired" });
    expect(await at({ nbf: now + 1 })).toMatchObject({ reason: "the token was not valid yet" });
  });

  it("blames a stored PEM that is no public key", async () => {
    const token = fusionAuthToken("s", bodyClaim(body));
    const privateKey = rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    for (const secret of ["", "-----BEGIN PUBLIC KEY-----\nx", privateKey, pem(rsaPair(1024).publicKey)]) {
      await expect(verify(token, [secret])).rejects.toThrow(SecretError);
    }
  });

  it("must name its claim as the settings do", async () => {
    const hash = createHash("sha256").update(body).digest("base64");
    expect(await verify(fusionAuthToken("s", { body: hash }), ["s"])).toMatchObject({ verified: false });
  });
});
