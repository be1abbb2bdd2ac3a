import type { SQSRecord } from "aws-lambda";
import { type Outcome, outcomes } from "../history/outcome.js";
import type { BackoffDefinition } from "../stage/definition.js";
import { errorFields, type Log } from "../telemetry/log.js";
import { type Measurement, unknownSource } from "../telemetry/metrics.js";
import type { Deadline } from "./deadline.js";
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
  | { readonly verdict: "suspect"; readonly crashes: number };

/** What is known about a webhook so far. It is filled step by step, so that a failure can name the webhook. */
export interface Trace {
  source?: string;
  requestId?: string;
  receivedAt?: number;
  webhookId?: string;
  attempt?: number;
}

/** The outcome of a record, and what it means for the batch. */
export type RecordResult = Verdict & {
  /** What is known about the webhook. */
  readonly trace: Readonly<Trace>;
  /** Present for a record that returns to the queue. */
  readonly delay: Omit<HandedBack, "record">;
  readonly measurement?: Measurement;
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
  const measured = (outcome: Outcome): Measurement => ({
    source: trace.source ?? unknownSource,
    outcome,
    latencyMilliseconds,
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
    return { ...result, trace, delay: {}, measurement: measured("untried") };
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
    measurement: measured(verdict),
  };
}

/** Whether a record stays in SQS. */
export function goesBack({ verdict }: Verdict): boolean {
  return verdict === "busy" || verdict === "suspect" || outcomes[verdict].retried;
}
