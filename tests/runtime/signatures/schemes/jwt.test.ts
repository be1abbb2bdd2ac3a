import { createHmac, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import fusionauth from "../../../../providers/fusionauth.js";
import {
  type JwtAlgorithm,
  type JwtSignature,
  jwtAlgorithms,
} from "../../../../runtime/signatures/definition.js";
import { SecretError, verifySignature } from "../../../../runtime/signatures/verify.js";
import { ed25519Pair, p256Pair, pem, rsaPair } from "../../../support/senders/sender.js";
import { bodyHash, keySet, signToken } from "../../../support/senders/tokens.js";
import { signedRequest } from "../../../support/signed-request.js";

const body = '{"event":{"id":"1"}}';
const receivedAt = 1_767_225_600_000;
const now = receivedAt / 1000;
const genuine = { request_body_sha256: bodyHash(body, "base64") };

const rsa = rsaPair();
const ecPair = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });
const pairOf: Readonly<
  Record<string, { publicKey: typeof rsa.publicKey; privateKey: typeof rsa.privateKey }>
> = {
  EdDSA: ed25519Pair(),
  ES256: p256Pair(),
  ES384: ecPair("P-384"),
  ES512: ecPair("P-521"),
};
const pairFor = (algorithm: JwtAlgorithm) => pairOf[algorithm] ?? rsa;
const asymmetric = jwtAlgorithms.filter((algorithm) => !algorithm.startsWith("HS"));
const shared = jwtAlgorithms.filter((algorithm) => algorithm.startsWith("HS"));

const ofFusionAuth = fusionauth.signature as JwtSignature;
const verify = (token: string, secrets: string[], definition: JwtSignature = ofFusionAuth, sent = body) =>
  verifySignature(
    definition,
    signedRequest({ headers: [["X-FusionAuth-Signature-JWT", token]], body: sent, receivedAt }),
    secrets,
  );

describe("a token that vouches for the body", () => {
  it.each(asymmetric)("is believed with %s, from a PEM or a key set", async (algorithm) => {
    const { privateKey, publicKey } = pairFor(algorithm);
    const token = signToken(algorithm, privateKey, genuine, { kid: "key-1" });
    for (const key of [
      pem(publicKey),
      keySet(["key-1", publicKey]),
      pem(publicKey).replaceAll("\n", "\\n"),
    ]) {
      expect(await verify(token, [key])).toEqual({ verified: true });
    }
    const pinned = { ...ofFusionAuth, publicKey: pem(publicKey) };
    expect(await verify(token, [], pinned)).toEqual({ verified: true });
    expect(await verify(token, [pem(publicKey)], ofFusionAuth, `${body} `)).toMatchObject({
      reason: expect.stringMatching(/^the token's claim request_body_sha256 is not the sha256 of the body\./),
      otherSecret: false,
    });
  });

  it.each(shared)("is believed with %s and its secret, and with no other", async (algorithm) => {
    const token = signToken(algorithm, "s", genuine);
    expect(await verify(token, ["s"])).toEqual({ verified: true });
    expect(await verify(token, ["t"])).toMatchObject({ verified: false, otherSecret: true });
  });

  it("is not believed with a bit of its signature changed", async () => {
    for (const algorithm of jwtAlgorithms) {
      const isShared = algorithm.startsWith("HS");
      const { privateKey, publicKey } = pairFor(algorithm);
      const token = signToken(algorithm, isShared ? "s" : privateKey, genuine);
      const changed = token.replace(
        /\.([^.])([^.]*)$/,
        (_, first, rest) => `.${first === "A" ? "B" : "A"}${rest}`,
      );
      expect(await verify(changed, [isShared ? "s" : pem(publicKey)])).toMatchObject({ verified: false });
    }
  });

  it("is not believed when a public key was used as the secret of an HMAC", async () => {
    const publicKey = pem(rsa.publicKey);
    for (const algorithm of shared) {
      for (const key of [publicKey, publicKey.trim(), keySet(["key-1", rsa.publicKey])]) {
        const forged = signToken(algorithm, key, genuine, { kid: "key-1" });
        expect(await verify(forged, [key])).toMatchObject({ verified: false });
      }
      const pinned = { ...ofFusionAuth, publicKey };
      expect(await verify(signToken(algorithm, publicKey, genuine), [], pinned)).toMatchObject({
        verified: false,
      });
    }
  });

  it("is believed with no algorithm that the source does not accept", async () => {
    const onlyEs256 = { ...ofFusionAuth, algorithms: ["ES256"] as const };
    expect(
      await verify(signToken("RS256", rsa.privateKey, genuine), [pem(rsa.publicKey)], onlyEs256),
    ).toEqual({
      verified: false,
      reason: "the token is signed with RS256; accepted is ES256",
      otherSecret: false,
    });
  });

  it.each(["none", "None", "hs256", "toString", "HS1", "RSA-OAEP", 5])(
    "is not believed with the algorithm %j",
    async (algorithm) => {
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const content = `${part({ alg: algorithm })}.${part(genuine)}`;
      const signature = createHmac("sha256", "s").update(content).digest("base64url");
      expect(await verify(`${content}.${signature}`, ["s"])).toMatchObject({
        reason: "x-fusionauth-signature-jwt does not contain a signed token",
        otherSecret: false,
      });
    },
  );

  it.each(["", "a", "a.b", "x.y.z", "a.b.c.d", "e30.e30.", "e30.e30.AA"])("is not %j", async (token) => {
    expect(await verify(token, ["s"])).toEqual({
      verified: false,
      reason: "x-fusionauth-signature-jwt does not contain a signed token",
      otherSecret: false,
    });
  });

  it("must say how it is to be understood only in ways that are understood", async () => {
    const token = signToken("HS256", "s", genuine, { crit: ["x"], x: 1 });
    expect(await verify(token, ["s"])).toMatchObject({ verified: false, otherSecret: false });
  });

  it("must name its claim as the settings do", async () => {
    const token = signToken("HS256", "s", { body: genuine.request_body_sha256 });
    expect(await verify(token, ["s"])).toMatchObject({
      reason: "the token has no claim request_body_sha256",
    });
  });

  it("blames a stored key that is none", async () => {
    const token = signToken("HS256", "s", genuine);
    const privateKey = rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    for (const secret of [
      "",
      '{"secret":"s"}',
      "-----BEGIN PUBLIC KEY-----\nx",
      privateKey,
      pem(rsaPair(1024).publicKey),
    ]) {
      await expect(verify(token, [secret])).rejects.toThrow(SecretError);
    }
  });
});

describe("the times of a token", () => {
  const at = (claims: object, definition: Partial<JwtSignature> = {}) =>
    verify(signToken("HS256", "s", { ...genuine, ...claims }), ["s"], { ...ofFusionAuth, ...definition });

  it("are held against the receive time, with a minute for clocks that differ", async () => {
    expect(await at({ exp: now - 59, nbf: now + 60 })).toEqual({ verified: true });
    expect(await at({ exp: now - 75 })).toEqual({
      verified: false,
      reason: "the token expired 75 s before the receive time; 60 s are allowed",
      otherSecret: false,
    });
    expect(await at({ nbf: now + 75 })).toMatchObject({
      reason: "the token starts to be valid 75 s after the receive time; 60 s are allowed",
    });
    expect(await at({ exp: "later" })).toMatchObject({ reason: "the token has no time of expiry (exp)" });
  });

  it("include the time of issue where the source has a window for it", async () => {
    const window = { toleranceSeconds: 300 };
    expect(await at({ iat: now - 300 }, window)).toEqual({ verified: true });
    expect(await at({ iat: now - 301 }, window)).toMatchObject({
      reason: "the signed time is 301 s before the receive time; 300 s are allowed",
    });
    expect(await at({}, window)).toMatchObject({ reason: "the token has no time of issue (iat)" });
    expect(await at({ iat: now - 301 })).toEqual({ verified: true });
  });

  it("must include an expiry where nothing else bounds the token", async () => {
    const { bodyHash: _, ...bearer } = ofFusionAuth;
    expect(await verify(signToken("HS256", "s", {}), ["s"], bearer)).toMatchObject({
      reason: "the token has no time of expiry (exp)",
    });
    expect(await verify(signToken("HS256", "s", { exp: now }), ["s"], bearer)).toEqual({ verified: true });
  });
});

describe("what a token says of itself", () => {
  const definition: JwtSignature = {
    ...ofFusionAuth,
    issuer: ["https://a.test/", "https://b.test/"],
    audience: "me",
    claims: [{ name: ["appid", "azp"], value: "publisher" }],
  };
  const good = { ...genuine, iss: "https://b.test/", aud: ["you", "me"], azp: "publisher" };

  it.each<[object, string | undefined]>([
    [{}, undefined],
    [{ iss: "https://c.test/" }, "the token's issuer (iss) is not https://a.test/ or https://b.test/"],
    [{ iss: undefined }, "the token's issuer (iss) is not https://a.test/ or https://b.test/"],
    [{ aud: "you" }, "the token's audience (aud) is not me"],
    [{ azp: "me" }, "the token's claim appid or azp is not publisher"],
  ])("must be what the source expects: %o", async (claims, reason) => {
    const verification = await verify(signToken("HS256", "s", { ...good, ...claims }), ["s"], definition);
    expect(verification).toEqual(
      reason === undefined ? { verified: true } : { verified: false, reason, otherSecret: false },
    );
  });

  it("is told to nobody before the signature is checked", async () => {
    const token = signToken("HS256", "forged", { ...good, aud: "you" });
    expect(await verify(token, ["s"], definition)).toMatchObject({
      reason: expect.stringMatching(/^x-fusionauth-signature-jwt was not made with an active key/),
    });
  });
});

describe("a token of a key set", () => {
  const [first, second] = [p256Pair(), p256Pair()];
  const published: JwtSignature = { ...ofFusionAuth, keys: { kind: "key-set", url: "https://a.test/keys" } };
  const keys = keySet(["one", first.publicKey], ["two", second.publicKey]);

  it("is checked with the key that it names", async () => {
    const token = signToken("ES256", second.privateKey, genuine, { kid: "two" });
    expect(await verify(token, [keys], published)).toEqual({ verified: true });
    const other = signToken("ES256", second.privateKey, genuine, { kid: "one" });
    expect(await verify(other, [keys], published)).toEqual({
      verified: false,
      reason: "the token was not signed with the key that it names",
      otherSecret: false,
    });
  });

  it("may need newer keys if it names one that is not among them", async () => {
    const token = signToken("ES256", second.privateKey, genuine, { kid: "three" });
    expect(await verify(token, [keys], published)).toEqual({
      verified: false,
      reason: "x-fusionauth-signature-jwt was made with a key that is not among those at https://a.test/keys",
      otherSecret: true,
    });
  });

  it("is checked with each key if it names none", async () => {
    expect(await verify(signToken("ES256", second.privateKey, genuine), [keys], published)).toEqual({
      verified: true,
    });
    expect(await verify(signToken("ES256", p256Pair().privateKey, genuine), [keys], published)).toMatchObject(
      {
        verified: false,
        otherSecret: true,
      },
    );
  });

  it("is not believed with a key that the sender has given up", async () => {
    const expired = keySet(["one", first.publicKey, { expired_at: now - 10 }]);
    const token = signToken("ES256", first.privateKey, genuine, { kid: "one" });
    expect(await verify(token, [expired], published)).toMatchObject({
      reason: "the token's key expired 10 s before the receive time",
    });
    const later = keySet(["one", first.publicKey, { expired_at: now + 10 }]);
    expect(await verify(token, [later], published)).toEqual({ verified: true });
  });
});

describe("a list of tokens in the body", () => {
  const { header: _, bodyHash: __, ...rest } = ofFusionAuth;
  const definition: JwtSignature = { ...rest, json: "validationTokens" };
  const check = (validationTokens: unknown) =>
    verifySignature(definition, signedRequest({ body: JSON.stringify({ validationTokens }), receivedAt }), [
      "s",
    ]);
  const token = signToken("HS256", "s", { exp: now + 60 });

  it("is believed only if each of them is genuine", async () => {
    expect(await check([token])).toEqual({ verified: true });
    expect(await check([token, token])).toEqual({ verified: true });
    expect(await check([token, signToken("HS256", "forged", { exp: now + 60 })])).toMatchObject({
      verified: false,
    });
    expect(await check([token, signToken("HS256", "s", { exp: now - 75 })])).toMatchObject({
      verified: false,
    });
  });

  it.each([undefined, null, [], {}, "a", [1], Array(101).fill(token)])("is not %j", async (tokens) => {
    expect(await check(tokens)).toMatchObject({ verified: false, otherSecret: false });
  });
});
