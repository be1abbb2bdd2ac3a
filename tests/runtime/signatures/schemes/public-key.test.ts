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

  it("is believed with the key as PEM or as base64 of DER, from the secret or from the settings", async () => {
    for (const key of [pem(pair.publicKey), derBase64(pair.publicKey)]) {
      expect(await verifySignature(definition, request, [key])).toEqual({ verified: true });
      expect(await verifySignature({ ...definition, publicKey: key }, request, [])).toEqual({
        verified: true,
      });
    }
  });

  it("is believed in hex", async () => {
    const hexRequest = signedRequest({ headers: [["x-signature", signature.toString("hex")]], body });
    const hexDefinition: PublicKeySignature = { ...definition, encoding: "hex" };
    expect(await verifySignature(hexDefinition, hexRequest, [pem(pair.publicKey)])).toEqual({
      verified: true,
    });
  });

  it("is not believed with any bit of it flipped", async () => {
    for (let position = 0; position < signature.length; position++) {
      const flipped = Buffer.from(signature);
      flipped.writeUInt8(flipped.readUInt8(position) ^ 1, position);
      const forged = { ...request, headers: [["x-signature", flipped.toString("base64")]] as const };
      expect(await verifySignature(definition, forged, [pem(pair.publicKey)])).toMatchObject({
        verified: false,
      });
    }
  });

  it("asks for no newer secret where the settings hold the key", async () => {
    const forged = { ...request, body: Buffer.from("forged") };
    const publicKey = pem(pair.publicKey);
    expect(await verifySignature({ ...definition, publicKey }, forged, [])).toEqual({
      verified: false,
      reason: expect.stringMatching(/^x-signature was not made with the key of the source\. /),
      otherSecret: false,
    });
    expect(await verifySignature(definition, forged, [publicKey])).toMatchObject({ otherSecret: true });
  });

  it("blames a key that is none, of another algorithm, or private", async () => {
    const [, other] = cases.find(([name]) => name !== algorithm) ?? cases[0];
    const privateKey = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    for (const key of ["", "no key", pem(other.publicKey), privateKey]) {
      await expect(verifySignature(definition, request, [key])).rejects.toThrow(SecretError);
      expect(await verifySignature(definition, request, [key, pem(pair.publicKey)])).toEqual({
        verified: true,
      });
    }
  });
});

it("reads a PEM whose line breaks became \\n, spaces or nothing on its way", async () => {
  for (const [algorithm, pair, signature] of cases) {
    const request = signedRequest({ headers: [["x-signature", signature.toString("base64")]], body });
    const text = pem(pair.publicKey).trim();
    for (const breaks of ["\\n", "\\r\\n", " ", "\r\n", "\n\n"]) {
      const secret = text.replaceAll("\n", breaks);
      expect(await verifySignature({ ...base, algorithm }, request, [secret])).toEqual({ verified: true });
    }
  }
});

it("says what it got instead of a public key", async () => {
  const signature = sign(null, body, ed25519.privateKey).toString("base64");
  const request = signedRequest({ headers: [["x-signature", signature]], body });
  const privateKey = ed25519.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const verify = (secret: string) => verifySignature({ ...base, algorithm: "ed25519" }, request, [secret]);
  await expect(verify(privateKey)).rejects.toThrow(
    /the public key is a private key, which nobody but the sender/,
  );
  await expect(verify('{"key":"x"}')).rejects.toThrow(/the public key is JSON with keys: give its PEM/);
});

it("takes an ed25519 key's bytes in hex, in base64, and after whpk_", async () => {
  const signature = sign(null, body, ed25519.privateKey).toString("base64");
  const request = signedRequest({ headers: [["x-signature", signature]], body });
  const raw = rawHex(ed25519.publicKey);
  const rawBase64 = Buffer.from(raw, "hex").toString("base64");
  for (const key of [raw, raw.toUpperCase(), rawBase64, `whpk_${rawBase64}`, `v1a,whpk_${rawBase64}`]) {
    expect(await verifySignature({ ...base, algorithm: "ed25519" }, request, [key])).toEqual({
      verified: true,
    });
  }
});

it("does not rely on a short RSA key", async () => {
  const short = rsaPair(1024);
  const signature = sign("sha256", body, short.privateKey).toString("base64");
  const request = signedRequest({ headers: [["x-signature", signature]], body });
  await expect(
    verifySignature({ ...base, algorithm: "rsa-sha256" }, request, [pem(short.publicKey)]),
  ).rejects.toThrow("the public key is of an unknown algorithm, not of rsa-sha256");
});
