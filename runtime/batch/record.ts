import type { SQSRecord } from "aws-lambda";
import type { Visit } from "../breaker/breaker.js";
import { type Outcome, outcomes } from "../history/outcome.js";
import type { BackoffDefinition } from "../stage/definition.js";
import { errorFields, type Log } from "../telemetry/log.js";
import { type Measurement, unknownSource } from "../telemetry/metrics.js";
import type { Deadline } from "./deadline.js";
import { carriedOn } from "./held-message.js";
import { type HandedBack, receiveCount } from "./redelivery.js";

/** What became of one record. */
export type Verdict =
  | {
      readonly verdict: Outcome;
      readonly reason?: string;
      /** The error that was thrown, for the log. */
      readonly error?: unknown;
      readonly handlerMilliseconds?: number;
      /** How long to wait at least before the next try. */
      readonly retryAfterSeconds?: number;
      /** It is not tried again, and only waits until the queue moves it to the dead-letter queue. */
      readonly givenUp?: boolean;
    }
  /** Another delivery of the same event is being handled. This is not an outcome, because this delivery has to wait. */
  | { readonly verdict: "busy"; readonly busyUntil: number }
  /** The function crashed on it, so many times in a row. This is not an outcome, because it is handled after the others. */
  | { readonly verdict: "suspect"; readonly crashes: number }
  /**
   * Its target is left alone until this time, in epoch milliseconds. This is not an outcome, because it was not tried. Either a
   * copy of its message waits in the queue, or the message itself.
   */
  | { readonly verdict: "held"; readonly until: number; readonly sentBack: boolean }
  /** It has used up its tries. The queue counts fewer deliveries, and moves it after some more. */
  | { readonly verdict: "spent" };

/** What is known about a webhook so far. It is filled step by step, so that a failure can name the webhook. */
export interface Trace {
  source?: string;
  requestId?: string;
  receivedAt?: number;
  webhookId?: string;
  attempt?: number;
  /** Set when it is let through to its target. */
  visit?: Visit;
  /** Its target is left alone because of it. */
  opened?: boolean;
}

/** The outcome of a record, and what it means for the batch. */
export type RecordResult = Verdict & {
  /** What is known about the webhook. */
  readonly trace: Readonly<Trace>;
  /** Present for a record that returns to the queue. */
  readonly delay: Omit<HandedBack, "record">;
  readonly measurements?: readonly Measurement[];
};

/** What processing a record needs in addition to the record. */
export interface RecordWork {
  readonly deadline: Deadline;
  readonly clock: () => number;
  readonly log: Log;
  /** A source's own delays, if it has any. */
  readonly backoffOf: (source: string | undefined) => BackoffDefinition | undefined;
}

/** Processes one record, never rejects, and logs its outcome on one line. */
export async function workOn(
  record: SQSRecord,
  follow: (trace: Trace) => Promise<Verdict>,
  { deadline, clock, log, backoffOf }: RecordWork,
): Promise<RecordResult> {
  const trace: Trace = {};
  const outOfTime = deadline.lastCall.then(() => {
    throw new Error("the function ran out of time (processor.timeoutSeconds)");
  });

  let result: Verdict;
  try {
    result = await Promise.race([follow(trace), outOfTime]);
  } catch (error) {
    result = { verdict: "failed", error };
  }

  // The gateway's clock and this one may differ slightly.
  const now = clock();
  const latencyMilliseconds = Math.max(0, now - (trace.receivedAt ?? now));
  const measured = (outcome: Measurement["outcome"]): Measurement => ({
    source: trace.source ?? unknownSource,
    outcome,
    latencyMilliseconds,
    ...(receiveCount(record) > 1 || carriedOn(record) !== undefined ? { isRepeated: true } : {}),
  });
  const fields = {
    webhook_id: trace.webhookId,
    source: trace.source,
    request_id: trace.requestId,
    message_id: record.messageId,
    receive_count: receiveCount(record),
    attempt: trace.attempt,
  };
  if (result.verdict === "busy") {
    log.info("webhook returned to the queue: another delivery of it is being handled", fields);
    return { ...result, trace, delay: { notBefore: result.busyUntil } };
  }
  if (result.verdict === "suspect") {
    const { crashes } = result;
    log.warn("webhook handled last: the function crashed on it before", { ...fields, crashes });
    return { ...result, trace, delay: {}, measurements: [measured("untried")] };
  }
  if (result.verdict === "held") {
    const until = new Date(result.until).toISOString();
    log.info("webhook held: its target is left alone", { ...fields, until });
    return { ...result, trace, delay: { notBefore: result.until }, measurements: [measured("held")] };
  }
  if (result.verdict === "spent") {
    log.info("webhook returned to the queue: it waits to be moved to the dead-letter queue", fields);
    return { ...result, trace, delay: { givenUp: true } };
  }
  const { verdict, reason, error, handlerMilliseconds, retryAfterSeconds, givenUp } = result;
  const backoff = backoffOf(trace.source);
  log.write(outcomes[verdict].level, `webhook ${verdict}`, {
    ...fields,
    ...(error === undefined ? { reason } : errorFields(error)),
    latency_ms: latencyMilliseconds,
    handler_ms: handlerMilliseconds,
  });
  return {
    ...result,
    trace,
    delay: {
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(givenUp === undefined ? {} : { givenUp }),
      ...(backoff === undefined ? {} : { backoff }),
    },
    measurements: [measured(verdict), ...(trace.opened === true ? [measured("breaker-opened")] : [])],
  };
}

/** Whether a record stays in SQS. */
export function goesBack(result: Verdict): boolean {
  if (result.verdict === "held") return !result.sentBack;
  const { verdict } = result;
  return verdict === "busy" || verdict === "suspect" || verdict === "spent" || outcomes[verdict].retried;
}
