import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { inParallel } from "./parallel.js";

/** A record of the batch and what came of it; no result: its turn never came. */
export interface WorkedRecord<Result> {
  readonly record: SQSRecord;
  readonly result?: Result;
}

export interface BatchOptions<Result> {
  /** Records worked on at the same time. */
  readonly concurrency: number;
  /** False once no further record should be started. */
  readonly mayStart: () => boolean;
  /** True for a result after which the record goes back to the queue. */
  readonly goesBack: (result: Result) => boolean;
  /** True for a record that the queue will not deliver again, but move to its dead-letter queue. */
  readonly isLastDelivery: (record: SQSRecord) => boolean;
}

/**
 * Works through a batch.
 *
 * Records of a standard queue stand for themselves. Those of a FIFO queue form one line for each message group: the lines
 * run side by side, and a line stops at its first record that goes back, because what follows must not overtake it
 * (AWS fact 4.6). It does not stop at one that is given up: the queue would let the rest pass now. The rest came along in each
 * of its deliveries and would be given up with it, untried.
 *
 * @param work must not reject: what becomes of one record is a result
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
 * Lambda's answer for a batch: exactly the records that go back to the queue.
 *
 * Whatever is not well formed here costs data: without the list Lambda deletes the whole batch, and with an id that is
 * not the batch's it retries all of it (AWS fact 4.4). So nothing else builds this answer.
 */
export function batchResponse(handedBack: readonly SQSRecord[]): SQSBatchResponse {
  return { batchItemFailures: handedBack.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/** Name of a record's message group on a FIFO queue. Standard queues have groups too, for fairness, without an order. */
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
