import { z } from "zod";
import { longestDelaySeconds, longestVisibilitySeconds } from "../../runtime/batch/backoff.js";
import type { BackoffDefinition } from "../../runtime/stage/definition.js";
import { wholeNumber } from "../units.js";

/**
 * A failed webhook is delivered again after a random time up to min(maxSeconds, baseSeconds × 2^(deliveries − 1)).
 * `maxSeconds` also limits the time that a handler or a `Retry-After` may ask for.
 */
const shape = {
  baseSeconds: wholeNumber(1, 900, "seconds"),
  maxSeconds: wholeNumber(1, longestVisibilitySeconds, "seconds"),
};

const order = { path: ["maxSeconds"], error: "must not be less than baseSeconds" };

/** A source's own backoff, which replaces the stage's. */
export const sourceBackoffSchema = z
  .strictObject(shape)
  .refine(({ baseSeconds, maxSeconds }) => baseSeconds <= maxSeconds, order)
  .optional();

/** The stage's backoff. {@link stageBackoff} fills in what is left out. */
export const stageBackoffSchema = z
  .strictObject(shape)
  .partial()
  .refine(({ baseSeconds = 0, maxSeconds = longestVisibilitySeconds }) => baseSeconds <= maxSeconds, order)
  .prefault({});

/**
 * With 14 deliveries these try a webhook for about five hours on a standard queue, so that it outlives most outages. On a
 * FIFO queue they do for about ten minutes, because a failing webhook holds up its group all the while.
 */
const defaults: Readonly<Record<QueueType, BackoffDefinition>> = {
  standard: { baseSeconds: 20, maxSeconds: 6_000 },
  fifo: { baseSeconds: 10, maxSeconds: 120 },
};

type QueueType = "standard" | "fifo";

/** The stage's backoff on a queue of this type. A default gives way to what is written, and is never out of reach. */
export function stageBackoff(
  { baseSeconds, maxSeconds }: z.output<typeof stageBackoffSchema>,
  { type, maxReceiveCount }: { readonly type: QueueType; readonly maxReceiveCount: number },
): BackoffDefinition {
  const base = baseSeconds ?? Math.min(defaults[type].baseSeconds, maxSeconds ?? longestVisibilitySeconds);
  const unlimited = { baseSeconds: base, maxSeconds: defaults[type].maxSeconds };
  // The last delivery is followed by no delay.
  const reached = longestDelaySeconds(unlimited, maxReceiveCount - 1);
  return { baseSeconds: base, maxSeconds: maxSeconds ?? Math.max(base, reached) };
}
