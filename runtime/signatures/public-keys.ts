import { createPublicKey, type KeyObject } from "node:crypto";
import type { PublicKeyAlgorithm } from "./definition.js";
import { decodeBytes } from "./request-values.js";
import { SecretError } from "./scheme.js";

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
      "the public key cannot be read: give its PEM, the base64 of its DER, or an ed25519 key's 32 bytes in hex",
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
  return text.trimStart().startsWith("-----BEGIN ") ? parsePublicKey(text.trim()) : undefined;
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

function parsePublicKey(text: string): KeyObject | undefined {
  // Node would accept a private key and use its public half. A private key must not be here.
  if (text.includes("PRIVATE KEY")) return undefined;
  try {
    if (text.startsWith("-----BEGIN ")) return createPublicKey(text);
    const bare = text.replace(/^whpk_/, "");
    const bytes = decodeBytes(bare, "hex") ?? decodeBytes(bare, "base64");
    if (bytes === undefined) return undefined;
    const der = bytes.length === 32 ? Buffer.concat([ed25519Header, bytes]) : bytes;
    return createPublicKey({ key: der, format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}
