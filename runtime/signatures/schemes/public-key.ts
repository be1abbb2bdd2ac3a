import { verify } from "node:crypto";
import type { PublicKeySignature } from "../definition.js";
import { readPublicKey } from "../public-keys.js";
import { isUnverified, type Scheme } from "../scheme.js";
import { readSigned } from "../signed-text.js";

/** A signature with a private key, which everybody can check and only the source can make. */
export const publicKey: Scheme<PublicKeySignature> = (definition, request) => {
  const signed = readSigned(definition, request);
  if (isUnverified(signed)) return signed;
  const { signatures, content, place } = signed;
  return {
    mismatch: `${place} was not made with the key of the source`,
    fits(key) {
      const object = readPublicKey(key, definition.algorithm);
      // ed25519 includes its own hash.
      const hash = definition.algorithm === "ed25519" ? null : "sha256";
      return signatures.some((signature) => verify(hash, content, object, signature));
    },
  };
};
