import type { Log } from "./log.js";
import type { Webhook } from "./webhook.js";

export { InvalidWebhookError, type Webhook } from "./webhook.js";

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
 * Works on one source's webhooks.
 *
 * - It returns nothing: the webhook is processed.
 * - It returns {@link ignore}: the webhook is ignored, and the history says why.
 * - It throws InvalidWebhookError: the webhook is kept as invalid, and not tried again.
 * - It throws anything else: the webhook is tried again, later and later, and ends in the dead-letter queue.
 */
export type WebhookHandler = (
  webhook: Webhook,
  context: HandlerContext,
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing returns void
) => Promise<Ignored | void> | Ignored | void;

/** Types a handler; `runtime/handlers/<source>.ts` exports one as its default. */
export function defineHandler(handler: WebhookHandler): WebhookHandler {
  return handler;
}

/** Answers that a webhook is of no use here, and why. */
export function ignore(why: string): Ignored {
  return { ignored: why };
}
