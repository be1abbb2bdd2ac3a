import type { LogLevel } from "../stage/environment.js";

/** What became of a webhook. */
export type Outcome = "processed" | "ignored" | "rejected" | "invalid" | "duplicate" | "failed";

interface OutcomeRule {
  /** SQS delivers the webhook again, and moves it to the dead-letter queue in the end. */
  readonly retried: boolean;
  /** It is done: another delivery of the same event is a duplicate. */
  readonly final: boolean;
  /** Listed for people to look at. */
  readonly attention: boolean;
  readonly level: LogLevel;
  /** Name of the metric that counts it. */
  readonly metric: string;
}

/**
 * The outcomes and what follows from each. Only `failed` goes back to SQS: what the sender got wrong does not get better by
 * trying again, while a missing secret, an unknown source or an AWS error is ours to mend.
 */
export const outcomes = {
  /** The handler is done with it. */
  processed: { retried: false, final: true, attention: false, level: "INFO", metric: "Processed" },
  /** The handler had no use for it, and said why. */
  ignored: { retried: false, final: true, attention: false, level: "INFO", metric: "Ignored" },
  /** Not the source's own, or not in time. */
  rejected: { retried: false, final: false, attention: true, level: "WARN", metric: "Rejected" },
  /** The source's own, but not what the source promised. */
  invalid: { retried: false, final: true, attention: true, level: "WARN", metric: "Invalid" },
  /** Another delivery of an event that is done. */
  duplicate: { retried: false, final: false, attention: false, level: "INFO", metric: "Duplicate" },
  /** It could not be worked on. */
  failed: { retried: true, final: false, attention: true, level: "ERROR", metric: "Failed" },
} as const satisfies Record<Outcome, OutcomeRule>;
