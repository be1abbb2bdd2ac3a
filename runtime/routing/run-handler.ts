import { InvalidWebhookError, type Webhook } from "../envelope/webhook.js";
import type { Outcome } from "../history/outcome.js";
import type { Log } from "../telemetry/log.js";
import {
  type HandlerContext,
  NotTriedError,
  RetryLaterError,
  type WebhookHandler,
} from "./webhook-handler.js";

/** The result of a handler. */
export interface HandlerResult {
  readonly outcome: Extract<Outcome, "processed" | "distributed" | "ignored" | "invalid" | "failed">;
  readonly reason?: string;
  /** The error of a failed handler. */
  readonly error?: unknown;
  /** How long to wait at least before the next try, in seconds. */
  readonly retryAfterSeconds?: number;
  /** The work was not begun, for want of time. */
  readonly untried?: boolean;
  /** Whether that time holds for all webhooks of the source. Default: no. */
  readonly forAll?: boolean;
}

/** The error for a handler that was still running when the function had to end. */
export class HandlerTimeoutError extends Error {
  override readonly name = "HandlerTimeoutError";
}

/**
 * Runs a handler and turns what it returns or throws into an outcome. Never rejects.
 *
 * @param completed the outcome if it returns nothing. Default: `processed`
 */
export async function runHandler(
  handler: WebhookHandler,
  webhook: Webhook,
  {
    deadline,
    log,
    completed = "processed",
  }: {
    readonly deadline: Omit<HandlerContext, "log">;
    readonly log: Log;
    readonly completed?: HandlerResult["outcome"];
  },
): Promise<HandlerResult> {
  const { signal, remainingMilliseconds } = deadline;
  try {
    const answer = await untilAborted(signal, async () =>
      handler(webhook, { signal, remainingMilliseconds, log }),
    );
    // Any other return value, which the type does not allow, counts as nothing.
    return typeof answer?.ignored === "string"
      ? { outcome: "ignored", reason: answer.ignored }
      : { outcome: completed };
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if (error instanceof InvalidWebhookError) return { outcome: "invalid", reason: error.message };
    if (error instanceof NotTriedError) return { outcome: "failed", reason: error.message, untried: true };
    // NaN, which is easily computed by mistake, is not a time to wait.
    if (error instanceof RetryLaterError && error.afterSeconds !== undefined && error.afterSeconds >= 0) {
      const { afterSeconds: retryAfterSeconds, forAll } = error;
      return { outcome: "failed", reason, error, retryAfterSeconds, ...(forAll ? { forAll } : {}) };
    }
    return { outcome: "failed", reason, error };
  }
}

/** Rejects if the signal fires first. The work goes on without effect unless it listens to the signal itself. */
async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const timeout = () =>
    new HandlerTimeoutError(
      "the handler did not finish before the function ran out of time (processor.timeoutSeconds)",
    );
  // A frozen function goes on in a later invocation, when another delivery may be handling the webhook.
  if (signal.aborted) throw timeout();
  const abort = () => reject(signal.reason instanceof HandlerTimeoutError ? signal.reason : timeout());
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
