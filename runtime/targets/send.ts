import { sha256 } from "../envelope/sha256.js";
import { InvalidWebhookError, type Webhook } from "../envelope/webhook.js";
import { type HandlerContext, NotTriedError, type WebhookHandler } from "../routing/webhook-handler.js";
import type { PayloadKeeping, SourceDefinition } from "../stage/definition.js";
import type { AwsTargetDefinition } from "../stage/targets.js";
import { type ErrorTable, judgeError, TargetError } from "./errors.js";
import { type WrittenWebhook, writeWebhook } from "./format.js";
import { passedHeaders, passedQuery } from "./passed-headers.js";

/** What a target knows of the webhooks that it is handed. */
export interface TargetContext {
  readonly source: Pick<SourceDefinition, "signature" | "redact"> & {
    /** What the history keeps of its payloads. Default: `all`. */
    readonly keepPayload?: PayloadKeeping | undefined;
  };
  /** The bucket for what is too large for the target. Default: there is none. */
  readonly bucket?: ClaimCheckBucket | undefined;
}

/** A bucket whose objects claim checks refer to. */
export interface ClaimCheckBucket {
  readonly name: string;
  /** To do it again changes nothing. */
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** Opens a target. */
export type OpenTarget<Definition> = (definition: Definition, context: TargetContext) => WebhookHandler;

/** What differs from one service to the other. */
export interface Service<Request> {
  /** For reasons, such as `the queue orders`. */
  readonly called: string;
  /** Largest message in bytes, as the service counts them. */
  readonly mostBytes: number;
  /** The request that carries a text. */
  request(text: string, webhook: Webhook): Request;
  /** Its size, as the service counts it. */
  sizeBytes(request: Request): number;
  /** Sends it. Rejects with the SDK's error, or with what decides about the webhook. */
  send(request: Request, options: { readonly abortSignal: AbortSignal }): Promise<void>;
  readonly errors: ErrorTable;
  /** How long one webhook may take. */
  readonly timeoutSeconds?: number;
  /** Whether it is not sent when less than that is left. Default: no. */
  readonly needsWholeTime?: boolean;
}

/** Longest time for one webhook where the target has no time of its own: two tries of the SDK. */
const defaultTimeoutSeconds = 15;

/** Makes the handler that hands webhooks to a service. */
export function handTo<Request>(
  { format, passSecretHeaders }: Pick<AwsTargetDefinition, "format" | "passSecretHeaders">,
  context: TargetContext,
  service: Service<Request>,
): WebhookHandler {
  const { source } = context;
  const credentials = {
    signature: source.signature,
    ...(passSecretHeaders === undefined ? {} : { passSecretHeaders }),
  };
  return async (webhook, handlerContext) => {
    const written = writeWebhook(format, webhook, {
      headers: passedHeaders(webhook, credentials),
      query: passedQuery(webhook, credentials),
    });
    const requestOf = (text: string) => service.request(text, webhook);
    const whole = requestOf(written.text);
    const bytes = service.sizeBytes(whole);
    const request =
      bytes <= service.mostBytes
        ? whole
        : requestOf(await claimCheckText(written, { webhook, bytes, context, service, passSecretHeaders }));
    await sendInTime(request, service, handlerContext);
  };
}

/**
 * Puts what is too large into the bucket and writes a text that refers to it. The key consists of hashes, so that each try
 * finds the same object.
 *
 * @throws InvalidWebhookError where there is no bucket, or where it must not have the bytes
 */
async function claimCheckText(
  written: WrittenWebhook,
  of: {
    readonly webhook: Webhook;
    readonly bytes: number;
    readonly context: TargetContext;
    readonly service: Pick<Service<unknown>, "called" | "mostBytes">;
    readonly passSecretHeaders: boolean | undefined;
  },
): Promise<string> {
  const { bucket, source } = of.context;
  const obstacle =
    bucket === undefined
      ? "the stage has no overflow bucket (history.overflow)"
      : source.keepPayload === "none"
        ? "the overflow bucket must not have it (keepPayload)"
        : source.redact !== undefined
          ? "the overflow bucket must not have its redacted values (redact)"
          : of.passSecretHeaders
            ? "the overflow bucket must not have the sender's credentials (passSecretHeaders)"
            : undefined;
  if (bucket === undefined || obstacle !== undefined) {
    throw new InvalidWebhookError(
      `it takes ${of.bytes} bytes, ${of.service.called} takes ${of.service.mostBytes}, and ${obstacle}`,
    );
  }
  const stored = written.stored();
  const contentSha256 = sha256(stored);
  const key = `claim-checks/${sha256(of.webhook.id)}/${contentSha256}`;
  await bucket.put(key, stored);
  return written.withClaimCheck({ bucket: bucket.name, key, sha256: contentSha256, bytes: stored.length });
}

async function sendInTime<Request>(
  request: Request,
  {
    called,
    send,
    errors,
    timeoutSeconds = defaultTimeoutSeconds,
    needsWholeTime: isWhole = false,
  }: Service<Request>,
  { signal, remainingMilliseconds }: HandlerContext,
): Promise<void> {
  const left = remainingMilliseconds();
  if (isWhole && left < timeoutSeconds * 1000) {
    throw new NotTriedError(
      `not sent to ${called}: ${Math.floor(left / 100) / 10} s of the function's time were left, and its timeoutSeconds is ${timeoutSeconds}`,
    );
  }
  const milliseconds = Math.max(0, Math.min(timeoutSeconds * 1000, left));
  const timeout = AbortSignal.timeout(milliseconds);
  try {
    await send(request, { abortSignal: AbortSignal.any([signal, timeout]) });
  } catch (error) {
    if (error instanceof InvalidWebhookError || error instanceof TargetError) throw error;
    if (timeout.aborted || signal.aborted) {
      throw new TargetError(`${called} did not answer within ${milliseconds / 1000} s`, { cause: error });
    }
    judgeError(called, errors, error);
  }
}
