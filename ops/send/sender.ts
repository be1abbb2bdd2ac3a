import { CommandError } from "../../command-line/command-error.js";
import { providers } from "../../providers/support/known.js";
import { needsSecret, pinnedKey, type SignatureDefinition } from "../../runtime/signatures/definition.js";
import { SecretError } from "../../runtime/signatures/scheme.js";
import { makeSample, type Sample } from "../../samples/sample.js";
import { SampleError } from "../../samples/sample-error.js";
import { makeSenderKeys, type SenderKeys } from "../../samples/sender-keys.js";
import { findSecret, readSecret } from "../secrets/stage-secrets.js";
import type { OperatedSource } from "../stage/outputs.js";
import type { Stage } from "../stage/stage.js";

/** One that sends webhooks to a source, as its provider would. */
export interface SampleSender {
  readonly name: string;
  readonly source: OperatedSource;
  readonly url: string;
  readonly keys: SenderKeys;
  /** Headers that the front door asks for, besides those of the source's scheme. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface SampleWishes {
  readonly body?: Buffer | undefined;
  readonly eventType?: string | undefined;
  /** Makes a webhook that the source must reject. */
  readonly tampered?: boolean;
  /** Signs nothing. */
  readonly unsigned?: boolean;
}

/**
 * Makes a sender for a source, with the secret that the source checks with.
 *
 * @param given a secret, instead of the one that is stored
 * @throws CommandError for a source that only its provider can sign for, or whose secret is not set yet
 */
export async function senderFor(
  stage: Stage,
  name: string,
  given: string | undefined,
): Promise<SampleSender> {
  const source = stage.outputs.operations.sources[name];
  const url = stage.outputs.endpoints[name];
  if (source === undefined || url === undefined) {
    const names = Object.keys(stage.outputs.operations.sources).join(", ");
    throw new CommandError(`stage ${stage.name} has no source "${name}" (its sources: ${names})`);
  }
  const running = stage.local?.sources.find(({ definition }) => definition.name === name);
  return {
    name,
    source,
    url: running?.endpoint ?? url,
    headers: Object.entries(running?.headers ?? {}),
    keys: given === undefined ? await keysOf(stage, name, source.signature) : keysFrom(given),
  };
}

/** A secret, or PEM of a private key. */
function keysFrom(text: string): SenderKeys {
  return text.includes("PRIVATE KEY") ? { privateKey: text } : { secret: text };
}

async function keysOf(stage: Stage, name: string, signature: SignatureDefinition): Promise<SenderKeys> {
  if (pinnedKey(signature) !== undefined) {
    throw new CommandError(
      `source "${name}" has its public key in the settings, and only the provider can sign for it: use its own test events`,
    );
  }
  // `npm start` has made a private key for a sender of this machine.
  const local = stage.local?.sources.find(({ definition }) => definition.name === name)?.keys;
  if (local?.privateKey !== undefined || !needsSecret(signature)) return local ?? {};
  const stored = await readSecret(await stage.clients.secretsManager(), findSecret(stage.outputs, name));
  const secret = stored?.active?.[0];
  if (secret !== undefined) return { secret };
  throw new CommandError(
    `the secret of source "${name}" ${stored === undefined ? "is not set yet" : "cannot be read"}`,
    {
      next: `npm run ops -- secret set ${name} --stack ${stage.name}`,
    },
  );
}

/**
 * Makes a new, signed webhook.
 *
 * @throws CommandError if the source cannot get such a webhook
 */
export async function sampleFrom(
  { name, source, url, keys, headers }: SampleSender,
  { body, eventType, tampered = false, unsigned = false }: SampleWishes,
): Promise<Sample> {
  const { provider, signature } = source;
  if (tampered && signature.kind === "none") {
    throw new CommandError(`source "${name}" signs nothing, so no webhook of it can be tampered with`);
  }
  if (unsigned && signature.kind === "none") {
    throw new CommandError(`source "${name}" signs nothing anyway`);
  }
  const isForged = tampered && !signsWholeBody(signature);
  try {
    const sample = await makeSample({
      source: {
        signature: unsigned ? { kind: "none" } : signature,
        eventId: source.eventId,
        ...(source.eventType === undefined ? {} : { eventType: source.eventType }),
      },
      provider: provider === undefined ? undefined : providers[provider],
      url,
      keys: isForged ? (makeSenderKeys(signature) ?? keys) : keys,
      body,
      eventType,
      now: Date.now(),
    });
    return {
      ...sample,
      headers: [...sample.headers, ...headers],
      // White space after JSON or a form's last value changes the bytes, and nothing else.
      body: tampered && !isForged ? Buffer.concat([sample.body, Buffer.from(" ")]) : sample.body,
    };
  } catch (error) {
    if (error instanceof SampleError || error instanceof SecretError) {
      throw new CommandError(`source "${name}": ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/** Whether a change of any byte of the body makes the signature wrong. Otherwise only another key does. */
function signsWholeBody(signature: SignatureDefinition): boolean {
  switch (signature.kind) {
    case "hmac":
    case "public-key":
      return signature.content.includes("{body}");
    case "contentful":
    case "paypal":
      return true;
    case "jwt":
      return signature.bodyHash !== undefined;
    default:
      return false;
  }
}
