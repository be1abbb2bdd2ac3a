import { sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { PublicKeySignature } from "../../../../runtime/signatures/definition.js";
import { SecretError, verifySignature } from "../../../../runtime/signatures/verify.js";
import { derBase64, ed25519Pair, p256Pair, pem, rawHex, rsaPair } from "../../../support/senders/sender.js";
import { signedRequest } from "../../../support/signed-request.js";

const body = Buffer.from([0, 255, 10, 123]);
const ed25519 = ed25519Pair();
const p256 = p256Pair();
const rsa = rsaPair();

const base = { kind: "public-key", header: "x-signature", encoding: "base64", content: "{body}" } as const;

const cases = [
  ["ed25519", ed25519, sign(null, body, ed25519.privateKey)],
  ["ecdsa-p256-sha256", p256, sign("sha256", body, p256.privateKey)],
  ["rsa-sha256", rsa, sign("sha256", body, rsa.privateKey)],
] as const;

describe.each(cases)("%s", (algorithm, pair, signature) => {
  const definition: PublicKeySignature = { ...base, algorithm };
  const request = signedRequest({ headers: [["X-Signature", signature.toString("base64")]], body });

  it("is believed with the key as PEM or as base64 of DER, from the secret or from the settings", () => {
    for (const key of [pem(pair.publicKey), derBase64(pair.publicKey)]) {
      expect(verifySignature(definition, request, [key])).toEqual({ verified: true });
      expect(verifySignature({ ...definition, publicKey: key }, request, [])).toEqual({ verified: true });
    }
  });

  it("is believed in hex", () => {
    const hexRequest = signedRequest({ headers: [["x-signature", signature.toString("hex")]], body });
    const hexDefinition: PublicKeySignature = { ...definition, encoding: "hex" };
    expect(verifySignature(hexDefinition, hexRequest, [pem(pair.publicKey)])).toEqual({ verified: true });
  });

  it("is not believed with any bit of it flipped", () => {
    for (let position = 0; position < signature.length; position++) {
      const flipped = Buffer.from(signature);
      flipped.writeUInt8(flipped.readUInt8(position) ^ 1, position);
      const forged = { ...request, headers: [["x-signature", flipped.toString("base64")]] as const };
      expect(verifySignature(definition, forged, [pem(pair.publicKey)])).toMatchObject({ verified: false });
    }
  });

  it("asks for no newer secret where the settings hold the key", () => {
    const forged = { ...request, body: Buffer.from("forged") };
    const publicKey = pem(pair.publicKey);
    expect(verifySignature({ ...definition, publicKey }, forged, [])).toEqual({
      verified: false,
      reason: "x-signature was not made with the key of the source",
      otherSecret: false,
    });
    expect(verifySignature(definition, forged, [publicKey])).toMatchObject({ otherSecret: true });
  });

  it("blames a key that is none, of another algorithm, or private", () => {
    const [, other] = cases.find(([name]) => name !== algorithm) ?? cases[0];
    const privateKey = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    for (const key of ["", "no key", pem(other.publicKey), privateKey]) {
      expect(() => verifySignature(definition, request, [key])).toThrow(SecretError);
      expect(verifySignature(definition, request, [key, pem(pair.publicKey)])).toEqual({ verified: true });
    }
  });
});

it("takes an ed25519 key's bytes in hex, in base64, and after whpk_", () => {
  const signature = sign(null, body, ed25519.privateKey).toString("base64");
  const request = signedRequest({ headers: [["x-signature", signature]], body });
  const raw = rawHex(ed25519.publicKey);
  const rawBase64 = Buffer.from(raw, "hex").toString("base64");
  for (const key of [raw, raw.toUpperCase(), rawBase64, `whpk_${rawBase64}`]) {
    expect(verifySignature({ ...base, algorithm: "ed25519" }, request, [key])).toEqual({ verified: true });
  }
});

it("does not rely on a short RSA key", () => {
  const short = rsaPair(1024);
  const signature = sign("sha256", body, short.privateKey).toString("base64");
  const request = signedRequest({ headers: [["x-signature", signature]], body });
  expect(() =>
    verifySignature({ ...base, algorithm: "rsa-sha256" }, request, [pem(short.publicKey)]),
  ).toThrow("the public key is of an unknown algorithm, not of rsa-sha256");
});
