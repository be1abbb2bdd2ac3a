import { withoutContentCoding } from "../envelope/content-coding.js";
import type { Envelope } from "../envelope/envelope.js";
import { needsSecret, type SignatureDefinition } from "./definition.js";
import type { Secrets } from "./secrets.js";
import { type Verification, verifySignature } from "./verify.js";

/**
 * Checks a webhook's signature according to its source: over the received bytes and, if these are compressed, also over
 * what they contain. Senders sign either.
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
  const plain = withoutContentCoding(envelope);
  const verify = (secrets: readonly string[]) => {
    const verification = verifySignature(signature, envelope, secrets);
    return verification.verified || plain === envelope
      ? verification
      : verifySignature(signature, plain, secrets);
  };
  if (!needsSecret(signature)) return verify([]);

  const active = await secrets.of(source.name);
  const verification = verify(active);
  if (verification.verified || !verification.otherSecret) return verification;

  // A new secret may have been stored in the meantime. A rotation must not reject good webhooks.
  const newer = await secrets.newerThan(source.name, active);
  return newer === undefined ? verification : verify(newer);
}
