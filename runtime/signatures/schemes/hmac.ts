import { createHmac } from "node:crypto";
import type { HmacSignature } from "../definition.js";
import { equalDigests, isUnverified, type Scheme } from "../scheme.js";
import { mismatch, readSigned } from "../signed-text.js";
import { keyForm, readKey } from "../stored-secret.js";

/** Length of a digest, in bytes. */
const digestBytes = { sha1: 20, sha256: 32, sha512: 64 } as const;

/** A keyed hash over the request. */
export const hmac: Scheme<HmacSignature> = (definition, request) => {
  const { hash } = definition;
  const signed = readSigned(definition, request, { name: `hash: ${hash}`, bytes: digestBytes[hash] });
  if (isUnverified(signed)) return signed;
  const { signatures, content, place } = signed;
  return {
    mismatch: mismatch(place, "an active secret", definition),
    secretForm: keyForm(definition.key),
    fits(secret) {
      const digest = createHmac(hash, readKey(secret, definition.key)).update(content).digest();
      return signatures.some((signature) => equalDigests(signature, digest));
    },
  };
};
