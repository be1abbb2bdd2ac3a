import type { Webhook } from "../envelope/webhook.js";
import type { Log } from "../telemetry/log.js";

/** What a handler can use in addition to the webhook. */
export interface HandlerContext {
  /**
   * Fires shortly before the function's time is up. The webhook then counts as failed. Pass it to everything that the
   * handler waits for (`fetch(url, { signal })`): work that ignores it may run at the same time as the next try.
   */
  readonly signal: AbortSignal;
  /** Milliseconds left for this webhook. */
  remainingMilliseconds(): number;
  /** Writes to the function's log. Each line has the webhook's id and source. */
  readonly log: Log;
}

/** A handler's answer for a webhook that it ignores. */
export interface Ignored {
  readonly ignored: string;
}

/**
 * Works on webhooks.
 *
 * - It returns nothing: the webhook is processed.
 * - It returns {@link ignore}: the webhook is ignored, and the history says why.
 * - It throws InvalidWebhookError: the webhook is kept as invalid and not retried.
 * - It throws RetryLaterError: the webhook is retried after the time that the error names.
 * - It throws anything else: the webhook is retried with growing delays and then moves to the dead-letter queue.
 */
export type WebhookHandler = (
  webhook: Webhook,
  context: HandlerContext,
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing returns void
) => Promise<Ignored | void> | Ignored | void;

/** The error for work that was not begun because the function's time would have ended before it. */
export class NotTriedError extends Error {
  override readonly name = "NotTriedError";
}

/** Answers that the handler ignores a webhook, and why. */
export function ignore(why: string): Ignored {
  return { ignored: why };
}

interface RetryLaterOptions extends ErrorOptions {
  readonly afterSeconds?: number | undefined;
  readonly forAll?: boolean | undefined;
}

/**
 * The error for work that could not be done now. Like any other error it makes the webhook `failed`. It can say how
 * long to wait until the next try, up to the source's longest delay (`backoff.maxSeconds`).
 */
export class RetryLaterError extends Error {
  override readonly name: string = "RetryLaterError";
  /** Default: the usual backoff. */
  readonly afterSeconds: number | undefined;
  /**
   * Whether the time holds for all webhooks of the source, as with an API's status 429. Then no other of its webhooks is tried
   * until it is over (`breaker`). Default: only for this one.
   */
  readonly forAll: boolean;

  /** @param options afterSeconds: 0 or more */
  constructor(message: string, options: RetryLaterOptions = {}) {
    super(message, options);
    this.afterSeconds = options.afterSeconds;
    this.forAll = options.forAll ?? false;
  }
}
