import type { Settings } from "../../settings/settings.js";

/** The values at which alarms go off. `settings/groups.ts` documents each. */
export type AlarmThresholds = Pick<Settings["alarms"], (typeof thresholdNames)[number]>;

const thresholdNames = [
  "deadLetters",
  "oldestMessageSeconds",
  "functionErrors",
  "functionThrottles",
  "failedAttempts",
  "failedAttemptPercent",
  "rejectedWebhooks",
  "rejectedWebhookPercent",
  "invalidWebhooks",
  "untriedWebhooks",
  "throttledRequests",
  "serverErrors",
  "serverErrorPercent",
  "clientErrors",
  "clientErrorPercent",
] as const;

/** The thresholds among the settings of a stage's alarms. */
export function thresholdsOf(alarms: Settings["alarms"]): AlarmThresholds {
  return Object.fromEntries(thresholdNames.map((name) => [name, alarms[name]])) as AlarmThresholds;
}
