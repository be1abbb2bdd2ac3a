import { type NoSignature, pinnedKey, type SignatureDefinition } from "./definition.js";
import {
  type Check,
  isUnverified,
  type Scheme,
  SecretError,
  type SignedRequest,
  type Unverified,
  unverified,
  type Verification,
} from "./scheme.js";
import { adyen } from "./schemes/adyen.js";
import { basic } from "./schemes/basic.js";
import { contentful } from "./schemes/contentful.js";
import { hmac } from "./schemes/hmac.js";
import { jwt } from "./schemes/jwt.js";
import { paypal } from "./schemes/paypal.js";
import { publicKey } from "./schemes/public-key.js";
import { token } from "./schemes/token.js";
import { twilio } from "./schemes/twilio.js";
import { refuseWrongForm } from "./stored-secret.js";

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
  jwt,
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
export async function verifySignature(
  definition: SignatureDefinition,
  request: SignedRequest,
  secrets: readonly string[],
): Promise<Verification> {
  if (definition.kind === "none") return { verified: true };
  const check = readSignature(definition, request);
  if (isUnverified(check)) return check;
  const pinned = pinnedKey(definition);
  if (pinned === undefined) return trySecrets(check, secrets);
  const verification = await trySecrets(check, [pinned]);
  return verification.verified ? verification : { ...verification, otherSecret: false };
}

/** Reads what a request says about its signature. That needs no secret. */
export function readSignature(
  definition: Exclude<SignatureDefinition, NoSignature>,
  request: SignedRequest,
): Check | Unverified {
  // The table's types guarantee that each kind has its own scheme, but TypeScript loses that in a look-up by a union.
  const scheme = schemes[definition.kind] as Scheme<SignatureDefinition>;
  return scheme(definition, request);
}

/**
 * Tries secrets until one fits.
 *
 * @throws SecretError if none fits and one of them cannot be used
 */
export async function trySecrets(check: Check, secrets: readonly string[]): Promise<Verification> {
  let problem: Unverified | undefined;
  let unusable: SecretError | undefined;
  for (const secret of secrets) {
    try {
      const fit = await check.fits(secret);
      if (fit === true) return { verified: true };
      if (fit !== false) problem = fit;
      else if (check.secretForm !== undefined) refuseWrongForm(secret, check.secretForm);
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      unusable = error;
    }
  }
  if (unusable !== undefined) throw unusable;
  return problem ?? { ...unverified(check.mismatch), otherSecret: true };
}
