import type { BackoffDefinition } from "../stage/definition.js";

/** The longest that SQS hides a delivered message, in seconds: twelve hours (AWS fact 3.13). */
export const longestVisibilitySeconds = 43_200;

/** A delay of 0 would be none. */
const leastSeconds = 1;

/**
 * Seconds until a failed webhook is delivered again: a random time up to an exponentially growing bound, so that
 * webhooks which failed together are not retried together.
 * aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter, "full jitter".
 *
 * @param receiveCount deliveries so far, including this one
 * @param random a number from 0 up to 1
 */
export function backoffSeconds(backoff: BackoffDefinition, receiveCount: number, random: number): number {
  return withinBounds(Math.round(random * longestDelaySeconds(backoff, receiveCount)));
}

/** The longest delay after this many deliveries, in seconds. */
export function longestDelaySeconds(
  { baseSeconds, maxSeconds }: BackoffDefinition,
  receiveCount: number,
): number {
  return Math.min(maxSeconds, baseSeconds * 2 ** (receiveCount - 1));
}

/**
 * Seconds until a webhook that has to wait for at least a given time is delivered again: that time plus a random part
 * of `baseSeconds`, for the same reason, but at most `maxSeconds`.
 */
export function retryAfterSeconds(
  { baseSeconds, maxSeconds }: BackoffDefinition,
  leastSeconds: number,
  random: number,
): number {
  return withinBounds(Math.min(maxSeconds, Math.ceil(leastSeconds + random * baseSeconds)));
}

/** Seconds until a time that is given in epoch milliseconds. */
export function secondsUntil(time: number, now: number): number {
  return withinBounds(Math.ceil((time - now) / 1000));
}

function withinBounds(seconds: number): number {
  return Math.min(Math.max(seconds, leastSeconds), longestVisibilitySeconds);
}
