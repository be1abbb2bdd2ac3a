import { createPublicKey, type KeyObject } from "node:crypto";
import type { JwtAlgorithm, PublicKeyAlgorithm } from "./definition.js";
import { decodeBytes } from "./request-values.js";
import { SecretError } from "./scheme.js";
import { decodeKeyBase64, looksLikeJsonObject } from "./stored-secret.js";

/** DER of an ed25519 public key in front of its 32 bytes: RFC 8410, section 4. */
const ed25519Header = Buffer.from("302a300506032b6570032100", "hex");

/** Shorter RSA keys can be broken: NIST SP 800-131A. */
const leastRsaBits = 2048;

/**
 * Reads a public key in the forms that providers show: PEM (a key or a certificate), base64 of DER (SendGrid), or the
 * 32 bytes of an ed25519 key in hex (Discord) or in base64 after `whpk_` (Standard Webhooks).
 *
 * @throws SecretError for a text that is not such a key, or a key of another algorithm
 */
export function readPublicKey(text: string, algorithm: PublicKeyAlgorithm): KeyObject {
  const key = parsePublicKey(text.trim());
  if (key === undefined) {
    throw new SecretError(
      `the public key ${problemOf(text)}: give its PEM, the base64 of its DER, or an ed25519 key's 32 bytes in hex`,
    );
  }
  const actual = algorithmOf(key);
  if (actual !== algorithm) {
    throw new SecretError(`the public key is of ${actual ?? "an unknown algorithm"}, not of ${algorithm}`);
  }
  return key;
}

/** Reads only PEM, for schemes whose secret may be a public key or something else. Undefined for something else. */
export function readPem(text: string): KeyObject | undefined {
  return normalPem(text) === undefined ? undefined : parsePublicKey(text.trim());
}

/** The algorithm of a key, or undefined for a key that is not secure or not supported. */
export function algorithmOf({
  asymmetricKeyType,
  asymmetricKeyDetails,
}: KeyObject): PublicKeyAlgorithm | undefined {
  if (asymmetricKeyType === "ed25519") return "ed25519";
  if (asymmetricKeyType === "ec" && asymmetricKeyDetails?.namedCurve === "prime256v1") {
    return "ecdsa-p256-sha256";
  }
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  return asymmetricKeyType === "rsa" && bits >= leastRsaBits ? "rsa-sha256" : undefined;
}

/** The algorithms of tokens that a key can check. Empty for a key that is not secure or not supported. */
export function algorithmsOfKey({
  asymmetricKeyType,
  asymmetricKeyDetails,
}: KeyObject): readonly JwtAlgorithm[] {
  const { modulusLength = 0, namedCurve = "" } = asymmetricKeyDetails ?? {};
  switch (asymmetricKeyType) {
    case "ed25519":
      return ["EdDSA"];
    case "ec":
      return curveAlgorithms.get(namedCurve) ?? [];
    case "rsa":
      return modulusLength >= leastRsaBits ? ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] : [];
    default:
      return [];
  }
}

/** Each algorithm has its own curve: RFC 7518, section 3.4. */
const curveAlgorithms = new Map<string, readonly JwtAlgorithm[]>([
  ["prime256v1", ["ES256"]],
  ["secp384r1", ["ES384"]],
  ["secp521r1", ["ES512"]],
]);

function problemOf(text: string): string {
  if (text.includes("PRIVATE KEY")) return "is a private key, which nobody but the sender may have";
  return looksLikeJsonObject(text) ? "is JSON with keys" : "cannot be read";
}

function parsePublicKey(text: string): KeyObject | undefined {
  // Node would accept a private key and use its public half. A private key must not be here.
  if (text.includes("PRIVATE KEY")) return undefined;
  try {
    const pem = normalPem(text);
    if (pem !== undefined) return createPublicKey(pem);
    // Some show the version of the signature in front of the key, as in `v1a,whpk_…`.
    const bare = text.replace(/^(v\d+[a-z]?,)?whpk_/, "").replace(/\s/g, "");
    const bytes = decodeBytes(bare, "hex") ?? decodeKeyBase64(bare);
    if (bytes === undefined) return undefined;
    const der = bytes.length === 32 ? Buffer.concat([ed25519Header, bytes]) : bytes;
    return createPublicKey({ key: der, format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}

/**
 * The first PEM in a text, with its line breaks in place. They get lost in JSON, in a shell or in a form, where they become
 * `\n` or spaces.
 */
function normalPem(text: string): string | undefined {
  const lines = text.replace(/\\r|\\n/g, "\n");
  const [, label, inside = ""] = /-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----/s.exec(lines) ?? [];
  if (label === undefined) return undefined;
  const base64 = inside.replace(/\s/g, "").replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`;
}
