import type { SQSRecord } from "aws-lambda";
import type { Log } from "../telemetry/log.js";
import { type Measurement, unknownSource } from "../telemetry/metrics.js";
import type { WorkedRecord } from "./batch.js";
import type { RecordResult } from "./record.js";
import { receiveCount } from "./redelivery.js";

/** Nothing failed, so it waits no longer than after a first failure: a random part of `baseSeconds`. */
export const untriedDelay = { retryAfterSeconds: 0 } as const;

type Worked = WorkedRecord<RecordResult>;

/** The source of a record that was not started, as far as its message tells it. */
type SourceOf = (record: SQSRecord) => string | undefined;

/** Whether a record goes back to the queue although nothing was wrong with it: it had no turn, or no time was left for it. */
export function isUntried({ result }: Worked): boolean {
  return result === undefined || result.verdict === "suspect" || result.verdict === "untried";
}

/** What a batch contributes to the metrics. */
export function measurementsOf(worked: readonly Worked[], sourceOf: SourceOf): Measurement[] {
  return worked.flatMap(({ record, result }): Measurement[] => {
    if (result !== undefined) return [...(result.measurements ?? [])];
    return [{ source: sourceOf(record) ?? unknownSource, outcome: "untried", latencyMilliseconds: 0 }];
  });
}

/**
 * Logs which webhooks go back untried. SQS counts their delivery all the same (AWS fact 3.10), so in the last one each has
 * a line of its own: the dead-letter queue does not tell it from a webhook that failed.
 */
export function reportUntried(
  untried: readonly Worked[],
  {
    sourceOf,
    isLastDelivery,
    log,
  }: {
    readonly sourceOf: SourceOf;
    readonly isLastDelivery: (record: SQSRecord) => boolean;
    readonly log: Log;
  },
): void {
  if (untried.length === 0) return;
  const last = untried.filter(({ record }) => isLastDelivery(record));
  log.warn("webhooks returned to the queue untried", { count: untried.length });
  for (const { record } of last) {
    log.error("webhook moves to the dead-letter queue, and had no try in its last delivery", {
      source: sourceOf(record),
      message_id: record.messageId,
      receive_count: receiveCount(record),
    });
  }
}
