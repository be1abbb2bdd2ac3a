import { setTimeout as delay } from "node:timers/promises";

/** Lets work begin at a rate. */
export interface Pace {
  /** Resolves when so many more pieces may begin; rejects when `signal` fires. */
  next(count: number, signal?: AbortSignal): Promise<void>;
}

/**
 * @param perSecond pieces that may begin in a second
 * @param clock epoch milliseconds
 */
export function paceOf(
  perSecond: number,
  clock: () => number = Date.now,
  sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void> = (milliseconds, signal) =>
    delay(milliseconds, undefined, signal === undefined ? {} : { signal }),
): Pace {
  let dueAt: number | undefined;
  return {
    async next(count, signal) {
      const now = clock();
      // After a pause it goes on at the rate, and does not catch up.
      dueAt = Math.max(dueAt ?? now, now);
      const wait = dueAt - now;
      dueAt += (count / perSecond) * 1_000;
      if (wait > 0) await sleep(wait, signal);
    },
  };
}

/** How many pieces begin together: few at a low rate, so that they come evenly; at most `most` at a high one. */
export function batchSize(perSecond: number, most: number): number {
  return Math.max(1, Math.min(most, Math.round(perSecond / 5)));
}
