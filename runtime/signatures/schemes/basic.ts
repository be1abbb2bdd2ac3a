import type { BasicSignature } from "../definition.js";
import { decodeBytes, readHeader } from "../request-values.js";
import { equalSecrets, isUnverified, type Scheme, unverified } from "../scheme.js";
import { secretError } from "../stored-secret.js";

/** What to store, after "store ". */
export const basicForm = "user:password as plain text";

/** @throws SecretError for a secret without a user and a password */
export function refuseWithoutUser(secret: string): void {
  if (!secret.includes(":") || secret === ":") throw secretError("is not user:password", basicForm);
}

/** `Authorization: Basic` with base64 of `user:password`: RFC 7617. */
export const basic: Scheme<BasicSignature> = (_definition, request) => {
  const value = readHeader("authorization", request);
  if (isUnverified(value)) return value;
  const [, encoded = ""] = /^basic +(\S+)$/i.exec(value) ?? [];
  const shown = decodeBytes(encoded, "base64");
  if (shown === undefined) return unverified("the header authorization is not Basic with base64");
  return {
    mismatch: "the header authorization does not contain an active user and password of the source",
    secretForm: basicForm,
    fits(secret) {
      refuseWithoutUser(secret);
      return equalSecrets(shown, secret);
    },
  };
};
