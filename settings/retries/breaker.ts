import { z } from "zod";
import type { BreakerDefinition } from "../../runtime/stage/definition.js";
import { wholeNumber } from "../units.js";
import { type DeliveryTimes, longestHorizonSeconds, type Retries } from "./horizon.js";

/**
 * When a target that fails for everybody is left alone: after so many failures in a row, or one answer 429 with `Retry-After`.
 * It is tried again after 10 s, and then after twice as long each time, up to `longestSeconds`. `false` never leaves it alone.
 *
 * - 20 failures: with the usual 14 deliveries, one webhook that always fails is not taken for a target that is down.
 * - 300 s: that long at most after its recovery, a target gets its webhooks again.
 */
const shape = z.strictObject({
  failures: wholeNumber(1, 10_000, "failures").default(20),
  longestSeconds: wholeNumber(10, 900, "seconds").default(300),
});

/** A union of the two would not say what is wrong with which member. */
const breaker = z.custom<false | z.input<typeof shape>>().transform((value, context) => {
  if (value === false) return false as const;
  const { data, error } = shape.safeParse(value, { reportInput: true });
  for (const issue of error?.issues ?? []) context.addIssue({ ...issue });
  return data ?? z.NEVER;
});

/** The breakers of all sources that say nothing else. */
export const stageBreakerSchema = breaker.prefault({});

/** A source's own breaker, which replaces the stage's. */
export const sourceBreakerSchema = breaker.optional();

export type BreakerSettings = z.output<typeof breaker>;

/**
 * A breaker in the form that the function gets. It holds a webhook for as long as the queue keeps one, less what the webhook's
 * tries can take afterwards. Undefined for `false`.
 */
export function breakerOf(
  settings: BreakerSettings,
  retries: Retries,
  times: DeliveryTimes,
  retentionDays: number,
): BreakerDefinition | undefined {
  if (settings === false) return undefined;
  const holdingSeconds = Math.max(0, retentionDays * 86_400 - longestHorizonSeconds(retries, times));
  return { ...settings, holdingSeconds };
}
