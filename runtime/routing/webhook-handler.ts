import type { Webhook } from "../envelope/webhook.js";
import type { Log } from "../telemetry/log.js";

/** What a handler may use besides the webhook. */
export interface HandlerContext {
  /**
   * Fires shortly before the function's time is up; the webhook then counts as failed. Hand it to whatever the handler
   * waits for (`fetch(url, { signal })`): work that goes on regardless may finish beside the next try.
   */
  readonly signal: AbortSignal;
  /** Milliseconds left for this webhook. */
  remainingMilliseconds(): number;
  /** Writes to the function's log, with the webhook's id and source on every line. */
  readonly log: Log;
}

/** A handler's answer for a webhook that it has no use for. */
export interface Ignored {
  readonly ignored: string;
}

/**
 * Works on webhooks.
 *
 * - It returns nothing: the webhook is processed.
 * - It returns {@link ignore}: the webhook is ignored, and the history says why.
 * - It throws InvalidWebhookError: the webhook is kept as invalid, and not tried again.
 * - It throws RetryLaterError: the webhook is tried again after the time that the error names.
 * - It throws anything else: the webhook is tried again, later and later, and ends in the dead-letter queue.
 */
export type WebhookHandler = (
  webhook: Webhook,
  context: HandlerContext,
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing returns void
) => Promise<Ignored | void> | Ignored | void;

/** Answers that a webhook is of no use here, and why. */
export function ignore(why: string): Ignored {
  return { ignored: why };
}

/**
 * Work that could not be done now. Like any other error it makes the webhook `failed`; it may say how long to wait until
 * the next try, which counts up to the source's longest delay (`backoff.maxSeconds`).
 */
export class RetryLaterError extends Error {
  override readonly name: string = "RetryLaterError";
  /** Default: the usual backoff. */
  readonly afterSeconds: number | undefined;

  /** @param options afterSeconds: 0 or more */
  constructor(message: string, options: ErrorOptions & { readonly afterSeconds?: number | undefined } = {}) {
    super(message, options);
    this.afterSeconds = options.afterSeconds;
  }
}
