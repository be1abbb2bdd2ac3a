import type { Envelope } from "../envelope/envelope.js";
import { needsSecret, type SignatureDefinition } from "./definition.js";
import type { Secrets } from "./secrets.js";
import { type Verification, verifySignature } from "./verify.js";

/**
 * Checks a webhook's signature according to its source.
 *
 * @throws SecretUnavailableError, SecretError if the check is not possible because a secret is missing or invalid. The
 *   webhook has to wait
 */
export async function checkSignature(
  source: { readonly name: string; readonly signature: SignatureDefinition },
  envelope: Envelope,
  secrets: Secrets,
): Promise<Verification> {
  const { signature } = source;
  if (!needsSecret(signature)) return verifySignature(signature, envelope, []);

  const active = await secrets.of(source.name);
  const verification = verifySignature(signature, envelope, active);
  if (verification.verified || !verification.otherSecret) return verification;

  // A new secret may have been stored in the meantime. A rotation must not reject good webhooks.
  const newer = await secrets.newerThan(source.name, active);
  return newer === undefined ? verification : verifySignature(signature, envelope, newer);
}
