import { z } from "zod";

/** A whole number within bounds. The message names the unit and both bounds. */
export function wholeNumber(least: number, most: number, unit?: string) {
  const message = `must be a whole number${unit === undefined ? "" : ` of ${unit}`} from ${least} to ${most}`;
  return z.int(message).min(least, message).max(most, message);
}

/** Days that CloudWatch Logs accepts: docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html. */
const logRetentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Days that a log group keeps its lines. */
export const logRetention = z
  .number()
  .refine((days) => logRetentionDays.includes(days), `must be one of ${logRetentionDays.join(", ")} days`);

export const defaultLogRetentionDays = 30;

const requestsPerSecond = wholeNumber(1, 10_000, "requests a second");
const burst = wholeNumber(1, 5_000, "requests");

/** Requests a second and burst size above which a source gets 429. */
export const throttling = z.strictObject({ requestsPerSecond, burst });

/** The same limits, for all sources together. */
export const stageThrottling = z.strictObject({
  requestsPerSecond: requestsPerSecond.default(1_000),
  burst: burst.default(2_000),
});

/** Requests a second and burst size. */
export type Throttling = z.output<typeof throttling>;
