import type { Settings } from "../../settings/settings.js";

/** The values at which alarms go off. */
export interface AlarmThresholds {
  /** Webhooks in the dead-letter queue. */
  readonly deadLetters: number;
  /** Age of the oldest webhook in the queue, in seconds. */
  readonly oldestMessageSeconds: number;
  /** Failed invocations of the function in five minutes. */
  readonly functionErrors: number;
  /** Throttled invocations of the function in five minutes. */
  readonly functionThrottles: number;
  /** Failed attempts at webhooks in five minutes. */
  readonly failedAttempts: number;
  /** Webhooks rejected in five minutes. */
  readonly rejectedWebhooks: number;
  /** Requests answered 5xx in five minutes. */
  readonly serverErrors: number;
  /** Requests answered 4xx in five minutes. */
  readonly clientErrors: number;
}

/** The thresholds among the settings of a stage's alarms. */
export function thresholdsOf(alarms: Settings["alarms"]): AlarmThresholds {
  return {
    deadLetters: alarms.deadLetters,
    oldestMessageSeconds: alarms.oldestMessageSeconds,
    functionErrors: alarms.functionErrors,
    functionThrottles: alarms.functionThrottles,
    failedAttempts: alarms.failedAttempts,
    rejectedWebhooks: alarms.rejectedWebhooks,
    serverErrors: alarms.serverErrors,
    clientErrors: alarms.clientErrors,
  };
}
