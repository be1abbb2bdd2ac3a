import { verify } from "node:crypto";
import type { PublicKeySignature } from "../definition.js";
import { readPublicKey } from "../public-keys.js";
import { isUnverified, type Scheme } from "../scheme.js";
import { mismatch, readSigned } from "../signed-text.js";

/** A signature with a private key, which everybody can check and only the source can make. */
export const publicKey: Scheme<PublicKeySignature> = (definition, request) => {
  const isEd25519 = definition.algorithm === "ed25519";
  // The length of the others depends on the key or on the signature itself.
  const form = isEd25519 ? { name: "ed25519", bytes: 64 } : undefined;
  const signed = readSigned(definition, request, form);
  if (isUnverified(signed)) return signed;
  const { signatures, content, place } = signed;
  return {
    mismatch: mismatch(place, "the key", definition),
    fits(key) {
      const object = readPublicKey(key, definition.algorithm);
      // ed25519 includes its own hash.
      const hash = isEd25519 ? null : "sha256";
      return signatures.some((signature) => verify(hash, content, object, signature));
    },
  };
};
