import { pinnedKey, type SignatureDefinition } from "./definition.js";
import {
  isUnverified,
  type Scheme,
  SecretError,
  type SignedRequest,
  unverified,
  type Verification,
} from "./scheme.js";
import { adyen } from "./schemes/adyen.js";
import { basic } from "./schemes/basic.js";
import { bodyJwt } from "./schemes/body-jwt.js";
import { contentful } from "./schemes/contentful.js";
import { hmac } from "./schemes/hmac.js";
import { paypal } from "./schemes/paypal.js";
import { publicKey } from "./schemes/public-key.js";
import { token } from "./schemes/token.js";
import { twilio } from "./schemes/twilio.js";

export { SecretError, type SignedRequest, type Unverified, type Verification } from "./scheme.js";

type Kind = Exclude<SignatureDefinition["kind"], "none">;

const schemes: { readonly [kind in Kind]: Scheme<Extract<SignatureDefinition, { readonly kind: kind }>> } = {
  hmac,
  "public-key": publicKey,
  token,
  basic,
  twilio,
  contentful,
  adyen,
  paypal,
  "body-jwt": bodyJwt,
};

/**
 * Checks that a request is genuine.
 *
 * A signed time is compared with the receive time, not with the current time, because a webhook may have waited in the
 * queues for days.
 *
 * @param secrets active secrets as the provider shows them, several while one replaces another
 * @throws SecretError if no secret fits and one of them cannot be used
 */
export function verifySignature(
  definition: SignatureDefinition,
  request: SignedRequest,
  secrets: readonly string[],
): Verification {
  if (definition.kind === "none") return { verified: true };
  // The table's types guarantee that each kind has its own scheme, but TypeScript loses that in a look-up by a union.
  const scheme = schemes[definition.kind] as Scheme<SignatureDefinition>;
  const check = scheme(definition, request);
  if (isUnverified(check)) return check;

  const pinned = pinnedKey(definition);
  let unusable: SecretError | undefined;
  for (const secret of pinned === undefined ? secrets : [pinned]) {
    try {
      if (check.fits(secret)) return { verified: true };
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      unusable = error;
    }
  }
  if (unusable !== undefined) throw unusable;
  return { ...unverified(check.mismatch), otherSecret: pinned === undefined };
}
