import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { inParallel } from "./parallel.js";

/** A record of the batch and its result. Without a result it was never started. */
export interface WorkedRecord<Result> {
  readonly record: SQSRecord;
  readonly result?: Result;
}

export interface BatchOptions<Result> {
  /** Number of records that are processed at the same time. */
  readonly concurrency: number;
  /** Returns false when no further record should be started. */
  readonly mayStart: () => boolean;
  /** Returns true if the record returns to the queue after this result. */
  readonly goesBack: (result: Result) => boolean;
  /** Returns true if the queue will not deliver the record again but move it to its dead-letter queue. */
  readonly isLastDelivery: (record: SQSRecord) => boolean;
}

/**
 * Processes a batch.
 *
 * Records of a standard queue are independent. Those of a FIFO queue form one line for each message group. The lines
 * run concurrently. A line stops at its first record that returns to the queue, because the records behind it must not
 * overtake it (AWS fact 4.6). A line does not stop at a record that moves to the dead-letter queue, because the queue
 * itself would then deliver the rest. The rest was delivered together with that record each time and would move to the
 * dead-letter queue untried.
 *
 * @param work must not reject: a failure is also a result
 */
export async function workThrough<Result>(
  records: readonly SQSRecord[],
  work: (record: SQSRecord) => Promise<Result>,
  { concurrency, mayStart, goesBack, isLastDelivery }: BatchOptions<Result>,
): Promise<WorkedRecord<Result>[]> {
  const results = new Map<SQSRecord, Result>();
  await inParallel(linesOf(records), concurrency, async (line) => {
    for (const record of line) {
      if (!mayStart()) return;
      const result = await work(record);
      results.set(record, result);
      if (goesBack(result) && !isLastDelivery(record)) return;
    }
  });
  return records.map((record) => {
    const result = results.get(record);
    return result === undefined ? { record } : { record, result };
  });
}

/**
 * The answer to Lambda for a batch: exactly the records that return to the queue.
 *
 * A malformed answer loses data: without the list Lambda deletes the whole batch. With an id that is not in the batch
 * it retries the whole batch (AWS fact 4.4). So nothing else builds this answer.
 */
export function batchResponse(handedBack: readonly SQSRecord[]): SQSBatchResponse {
  return { batchItemFailures: handedBack.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/**
 * Name of a record's message group on a FIFO queue. Standard queues have groups too, but only for fairness, without an
 * order.
 */
export function orderedGroup({ attributes, eventSourceARN }: SQSRecord): string | undefined {
  return eventSourceARN.endsWith(".fifo") ? attributes.MessageGroupId : undefined;
}

function linesOf(records: readonly SQSRecord[]): SQSRecord[][] {
  const lines: SQSRecord[][] = [];
  const groups = new Map<string, SQSRecord[]>();
  for (const record of records) {
    const group = orderedGroup(record);
    const line = group === undefined ? undefined : groups.get(group);
    if (line !== undefined) {
      line.push(record);
      continue;
    }
    const started = [record];
    lines.push(started);
    if (group !== undefined) groups.set(group, started);
  }
  return lines;
}
