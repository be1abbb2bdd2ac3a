import { InvalidWebhookError, type Webhook } from "../envelope/webhook.js";
import type { Outcome } from "../history/outcome.js";
import type { Log } from "../telemetry/log.js";
import { type HandlerContext, RetryLaterError, type WebhookHandler } from "./webhook-handler.js";

/** What a handler made of a webhook. */
export interface HandlerResult {
  readonly outcome: Extract<Outcome, "processed" | "ignored" | "invalid" | "failed">;
  readonly reason?: string;
  /** What a failed handler threw. */
  readonly error?: unknown;
  /** How long the next try should wait at least, in seconds. */
  readonly retryAfterSeconds?: number;
}

/** A handler that was still at work when the function had to end. */
export class HandlerTimeoutError extends Error {
  override readonly name = "HandlerTimeoutError";
}

/** Runs a handler and turns what it returns or throws into an outcome; never rejects. */
export async function runHandler(
  handler: WebhookHandler,
  webhook: Webhook,
  { deadline, log }: { readonly deadline: Omit<HandlerContext, "log">; readonly log: Log },
): Promise<HandlerResult> {
  const { signal, remainingMilliseconds } = deadline;
  try {
    const answer = await untilAborted(signal, async () =>
      handler(webhook, { signal, remainingMilliseconds, log }),
    );
    // Whatever else a handler returns, past its type, means no more than nothing.
    return typeof answer?.ignored === "string"
      ? { outcome: "ignored", reason: answer.ignored }
      : { outcome: "processed" };
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if (error instanceof InvalidWebhookError) return { outcome: "invalid", reason: error.message };
    // NaN, which is easily computed, is no time to wait.
    if (error instanceof RetryLaterError && error.afterSeconds !== undefined && error.afterSeconds >= 0) {
      return { outcome: "failed", reason, error, retryAfterSeconds: error.afterSeconds };
    }
    return { outcome: "failed", reason, error };
  }
}

/** Rejects when the signal fires first. What was running goes on unheard, unless it heeds the signal itself. */
async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const timeout = () =>
    new HandlerTimeoutError(
      "the handler did not finish before the function ran out of time (processor.timeoutSeconds)",
    );
  // A function that Lambda froze goes on in a later invocation, when the webhook may be somebody else's.
  if (signal.aborted) throw timeout();
  const abort = () => reject(timeout());
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
