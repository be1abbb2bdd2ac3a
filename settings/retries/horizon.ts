import { longestDelaySeconds } from "../../runtime/batch/backoff.js";
import type { BackoffDefinition } from "../../runtime/stage/definition.js";

/** How often a webhook is delivered, and the delays in between. */
export interface Retries {
  readonly backoff: BackoffDefinition;
  /** Deliveries before the dead-letter queue. The last one is followed by no delay. */
  readonly maxReceiveCount: number;
}

/** How long a delivery can take apart from the delay after it. */
export interface DeliveryTimes {
  readonly timeoutSeconds: number;
  readonly batchWindowSeconds: number;
  readonly visibilityTimeoutSeconds: number;
}

/**
 * Seconds from a webhook's first try to its last, in the median, if each try fails quickly and asks for no delay of its
 * own.
 *
 * Each delay is a uniformly random time up to its bound, so it is symmetric about half of that. A sum of independent
 * symmetric times is symmetric about the sum of their middles, which is therefore its median (and its mean).
 */
export function medianHorizonSeconds(retries: Retries): number {
  return sum(delayBounds(retries)) / 2;
}

/**
 * Seconds that a webhook can stay in the queue before it moves to the dead-letter queue, at most. It may have to wait as
 * long after each try, because handlers and `Retry-After` can ask for all of `maxSeconds`, or because the function dies
 * and the visibility timeout has to end. What it waits for in a backlog is not part of it.
 */
export function longestHorizonSeconds({ backoff, maxReceiveCount }: Retries, times: DeliveryTimes): number {
  const { timeoutSeconds, batchWindowSeconds, visibilityTimeoutSeconds } = times;
  const handledAndDelayed = batchWindowSeconds + timeoutSeconds + backoff.maxSeconds;
  const each = Math.max(visibilityTimeoutSeconds, handledAndDelayed);
  return (maxReceiveCount - 1) * each + visibilityTimeoutSeconds;
}

/**
 * Age in seconds that the metric `ApproximateAgeOfOldestMessage` can show because of a webhook that fails and is tried
 * again as planned. On a standard queue SQS leaves a message out of it from the third or fourth receive on: its
 * documentation has both (AWS fact 3.14). On a FIFO queue a message counts until it moves.
 */
export function plannedAgeSeconds(retries: Retries, type: "standard" | "fifo", times: DeliveryTimes): number {
  const counted = delayBounds(retries).slice(0, type === "fifo" ? retries.maxReceiveCount : 3);
  return sum(counted) + (counted.length + 1) * (times.timeoutSeconds + times.batchWindowSeconds);
}

/**
 * @example
 * ```ts
 * retriesInWords({ backoff: { baseSeconds: 20, maxSeconds: 6_000 }, maxReceiveCount: 14 });
 * // "tried 14 times over about 5 hours"
 * ```
 */
export function retriesInWords(retries: Retries): string {
  const { maxReceiveCount } = retries;
  if (maxReceiveCount === 1) return "tried once";
  return `tried ${maxReceiveCount} times over about ${inWords(medianHorizonSeconds(retries))}`;
}

/** The bounds of the delays between deliveries, in seconds. */
function delayBounds({ backoff, maxReceiveCount }: Retries): number[] {
  return Array.from({ length: maxReceiveCount - 1 }, (_, index) => longestDelaySeconds(backoff, index + 1));
}

const units = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** A time in the largest unit of which there are two. */
function inWords(seconds: number): string {
  const [unit, length] =
    units.find(([, unitSeconds]) => seconds >= 2 * unitSeconds) ?? (["second", 1] as const);
  const count = Math.max(1, Math.round(seconds / length));
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
