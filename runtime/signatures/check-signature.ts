import { withoutContentCoding } from "../envelope/content-coding.js";
import type { Envelope } from "../envelope/envelope.js";
import { pinnedKey, type SignatureDefinition } from "./definition.js";
import { type Check, isUnverified, SecretError } from "./scheme.js";
import type { Secrets } from "./secrets.js";
import type { SigningKeys } from "./signing-keys.js";
import { readSignature, trySecrets, type Verification, verifySignature } from "./verify.js";

/** Where secrets and keys come from. */
export interface KeyStores {
  readonly secrets: Secrets;
  readonly signingKeys: SigningKeys;
}

/**
 * Checks a webhook's signature according to its source: over the received bytes and, if these are compressed, also over
 * what they contain. Senders sign either.
 *
 * The form of the signature comes first: a request that is not signed at all is rejected even while its source has no
 * secret.
 *
 * @throws SecretUnavailableError, SecretError if the check is not possible because a secret or a key is missing or
 *   invalid. The webhook has to wait
 */
export async function checkSignature(
  source: { readonly name: string; readonly signature: SignatureDefinition },
  envelope: Envelope,
  stores: KeyStores,
): Promise<Verification> {
  const { signature } = source;
  if (signature.kind === "none") return { verified: true };
  const plain = withoutContentCoding(envelope);
  const requests: [Envelope, ...Envelope[]] = plain === envelope ? [envelope] : [envelope, plain];
  if (pinnedKey(signature) !== undefined) return verifyEach(signature, requests);
  const read = requests.map((request) => readSignature(signature, request));
  const checks = read.flatMap((check) => (isUnverified(check) ? [] : [check]));
  const problem = read.find(isUnverified);
  if (problem !== undefined && checks.length === 0) return problem;

  const keys = activeKeys(source, stores);
  const active = await keys.active();
  const first = await tryAll(checks, active);
  if (!(first instanceof SecretError) && (first.verified || !first.otherSecret)) return first;

  // A new secret may have been stored in the meantime. A rotation must not reject good webhooks, and a secret that was
  // fixed must count at once.
  const newer = await keys.newerThan(
    active,
    checks.flatMap(({ keyIds = [] }) => keyIds),
  );
  const last = newer === undefined ? first : await tryAll(checks, newer);
  if (last instanceof SecretError) throw last;
  return last;
}

/** For a source whose only key is in the settings. */
async function verifyEach(
  signature: SignatureDefinition,
  requests: readonly [Envelope, ...Envelope[]],
): Promise<Verification> {
  const [received, plain] = requests;
  const verification = await verifySignature(signature, received, []);
  return verification.verified || plain === undefined ? verification : verifySignature(signature, plain, []);
}

/** The secrets or keys of one source. */
interface ActiveKeys {
  active(): Promise<readonly string[]>;
  newerThan(used: readonly string[], keyIds: readonly string[]): Promise<readonly string[] | undefined>;
}

function activeKeys(
  { name, signature }: { readonly name: string; readonly signature: SignatureDefinition },
  { secrets, signingKeys }: KeyStores,
): ActiveKeys {
  if (signature.kind !== "jwt" || signature.keys === undefined) {
    return { active: () => secrets.of(name), newerThan: (used) => secrets.newerThan(name, used) };
  }
  const { keys } = signature;
  return {
    active: () => signingKeys.of(keys),
    newerThan: (used, keyIds) =>
      signingKeys.newerThan(keys, used, [...new Set(keyIds)], () => secrets.of(name)),
  };
}

/** The first check that succeeds, or what is wrong with the one that comes closest. */
async function tryAll(
  checks: readonly Check[],
  secrets: readonly string[],
): Promise<Verification | SecretError> {
  const results: (Verification | SecretError)[] = [];
  for (const check of checks) {
    const result = await tryOrExplain(check, secrets);
    if (!(result instanceof SecretError) && result.verified) return result;
    results.push(result);
  }
  const mayStillFit = (result: Verification | SecretError) =>
    result instanceof SecretError || (!result.verified && result.otherSecret);
  return results.find(mayStillFit) ?? results.at(-1) ?? new SecretError("there is nothing to check");
}

async function tryOrExplain(check: Check, secrets: readonly string[]): Promise<Verification | SecretError> {
  try {
    return await trySecrets(check, secrets);
  } catch (error) {
    if (error instanceof SecretError) return error;
    throw error;
  }
}
