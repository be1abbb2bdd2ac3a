import type { Outcome } from "../history/outcome.js";

/** What became of one record. */
export type Verdict =
  | {
      readonly verdict: Outcome;
      readonly reason?: string;
      /** What was thrown, for the log. */
      readonly error?: unknown;
      readonly handlerMilliseconds?: number;
      /** How long the next try should wait at least. */
      readonly retryAfterSeconds?: number;
    }
  /** Another delivery of the same event is being worked on. Not an outcome: it is not this one's turn. */
  | { readonly verdict: "busy"; readonly busyUntil: number };

/** What is known of a webhook so far; filled on the way, so that a failure can say whose it is. */
export interface Trace {
  source?: string;
  requestId?: string;
  receivedAt?: number;
  webhookId?: string;
  attempt?: number;
}
