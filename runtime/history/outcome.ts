import type { LogLevel } from "../stage/environment.js";

/** The outcome of a webhook. */
export type Outcome =
  | "processed"
  | "distributed"
  | "ignored"
  | "rejected"
  | "invalid"
  | "unreadable"
  | "duplicate"
  | "failed"
  | "untried";

interface OutcomeRule {
  /** SQS delivers the webhook again, and finally moves it to the dead-letter queue. */
  readonly retried: boolean;
  /** The sender's next request for the same event is judged again. */
  readonly judgedAnew: boolean;
  /** Listed for people to look at. */
  readonly attention: boolean;
  readonly level: LogLevel;
  /** Name of the metric that counts it. */
  readonly metric: string;
}

/**
 * The outcomes and what follows from each. Only `failed` and `untried` return to SQS. A retry does not fix the sender's mistakes,
 * but a missing secret, an unknown source or an AWS error is ours to fix.
 */
export const outcomes = {
  /** The handler has completed. */
  processed: { retried: false, judgedAnew: false, attention: false, level: "INFO", metric: "Processed" },
  /** Each of its source's subscribers has a message of its own. */
  distributed: { retried: false, judgedAnew: false, attention: false, level: "INFO", metric: "Distributed" },
  /** The handler ignored it, and gave a reason. */
  ignored: { retried: false, judgedAnew: true, attention: false, level: "INFO", metric: "Ignored" },
  /** Not genuine, or outside the time window. */
  rejected: { retried: false, judgedAnew: false, attention: true, level: "WARN", metric: "Rejected" },
  /** Genuine, but not in the form that the source promised. */
  invalid: { retried: false, judgedAnew: true, attention: true, level: "WARN", metric: "Invalid" },
  /** The message is not one that the gateway writes, so neither its source nor its signature is known. */
  unreadable: { retried: false, judgedAnew: false, attention: true, level: "ERROR", metric: "Unreadable" },
  /** Another delivery of an event that is already done. */
  duplicate: { retried: false, judgedAnew: false, attention: false, level: "INFO", metric: "Duplicate" },
  /** It could not be handled. */
  failed: { retried: true, judgedAnew: false, attention: true, level: "ERROR", metric: "Failed" },
  /**
   * It had no turn in its delivery, or no time was left for it. The history has it as failed if it was claimed, and
   * otherwise knows nothing of this delivery.
   */
  untried: { retried: true, judgedAnew: false, attention: false, level: "WARN", metric: "Untried" },
} as const satisfies Record<Outcome, OutcomeRule>;
