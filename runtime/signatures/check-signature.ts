import type { Envelope } from "../envelope/envelope.js";
import { needsSecret, type SignatureDefinition } from "./definition.js";
import type { Secrets } from "./secrets.js";
import { type Verification, verifySignature } from "./verify.js";

/**
 * Checks a webhook's signature as its source demands.
 *
 * @throws SecretUnavailableError, SecretError if it cannot be told, for want of a secret; the webhook has to wait
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

  // Somebody may have stored a new secret since; a rotation must not turn good webhooks away.
  const newer = await secrets.newerThan(source.name, active);
  return newer === undefined ? verification : verifySignature(signature, envelope, newer);
}
