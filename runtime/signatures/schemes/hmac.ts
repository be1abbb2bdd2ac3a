import { createHmac } from "node:crypto";
import type { HmacSignature } from "../definition.js";
import { decodeBytes } from "../request-values.js";
import { equalDigests, isUnverified, type Scheme, SecretError } from "../scheme.js";
import { readSigned } from "../signed-text.js";

/** A keyed hash over the request. */
export const hmac: Scheme<HmacSignature> = (definition, request) => {
  const signed = readSigned(definition, request);
  if (isUnverified(signed)) return signed;
  const { signatures, content, place } = signed;
  return {
    mismatch: `${place} was not made with an active secret of the source`,
    fits(secret) {
      const digest = createHmac(definition.hash, readKey(secret, definition.key)).update(content).digest();
      return signatures.some((signature) => equalDigests(signature, digest));
    },
  };
};

/**
 * The key from a stored secret.
 *
 * @throws SecretError for a secret that is not a key. With an empty key everybody could sign
 */
export function readKey(secret: string, encoding: HmacSignature["key"]): Buffer {
  const key = decodeKey(secret, encoding);
  if (key !== undefined) return key;
  throw new SecretError(
    `a stored secret is empty or not ${encoding.encoding}: store it again as the provider shows it`,
  );
}

/** Like {@link readKey}, but undefined if the secret is not a key. */
export function decodeKey(
  secret: string,
  { prefix = "", encoding }: HmacSignature["key"],
): Buffer | undefined {
  const text = secret.startsWith(prefix) ? secret.slice(prefix.length) : secret;
  if (text === "") return undefined;
  return encoding === "utf8" ? Buffer.from(text, "utf8") : decodeBytes(text, encoding);
}
