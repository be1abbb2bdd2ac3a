import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { inParallel } from "./parallel.js";

/** A record of the batch and its result. Without a result it was never started. */
export interface WorkedRecord<Result> {
  readonly record: SQSRecord;
  readonly result?: Result;
}

/** The circumstances in which a record is handled. */
export interface Turn {
  /** Nothing else is being handled, so a record on which the function crashed may be tried. */
  readonly alone: boolean;
  /** Records of its FIFO group that wait behind it in the batch. */
  readonly behind: readonly SQSRecord[];
}

export interface BatchOptions<Result> {
  /** Number of records that are processed at the same time. */
  readonly concurrency: number;
  /** Returns false when no further record should be started. */
  readonly mayStart: () => boolean;
  /** Returns true if the record returns to the queue after this result. */
  readonly goesBack: (result: Result) => boolean;
  /** Returns true for a record that returns to the queue and will not be tried again. */
  readonly isGivenUp: (record: SQSRecord, result: Result) => boolean;
  /** For a record on which the function has crashed before: how often. It waits for a turn alone. */
  readonly crashesOf: (result: Result) => number | undefined;
  /** Called before a record that is tried alone or behind one that is given up, with the records that are done since. */
  readonly leave: (done: readonly SQSRecord[]) => Promise<void>;
  /** Called once before the first record that is tried alone, with the lines that wait behind its own line. */
  readonly setApart: (lines: readonly (readonly SQSRecord[])[]) => Promise<void>;
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
 * A function that crashes takes everything along that it is handling. So a record on which it crashed before waits until
 * all others are done and have left the queue. Then it is handled alone. The records with the most crashes, which are the
 * likeliest cause, come last.
 *
 * @param work must not reject: a failure is also a result
 */
export async function workThrough<Result>(
  records: readonly SQSRecord[],
  work: (record: SQSRecord, turn: Turn) => Promise<Result>,
  { concurrency, mayStart, goesBack, isGivenUp, crashesOf, leave, setApart }: BatchOptions<Result>,
): Promise<WorkedRecord<Result>[]> {
  const results = new Map<SQSRecord, Result>();
  const waiting: { readonly line: SQSRecord[]; readonly crashes: number }[] = [];
  const workLine = async (line: readonly SQSRecord[], alone: boolean) => {
    // Behind a record that is given up, the next may be in its last delivery, and the one after that may crash the function.
    let careful = alone;
    for (const [index, record] of line.entries()) {
      if (careful) await letDoneLeave();
      if (!mayStart()) return;
      const result = await work(record, { alone, behind: line.slice(index + 1) });
      results.set(record, result);
      const crashes = crashesOf(result);
      if (crashes !== undefined) {
        waiting.push({ line: line.slice(index), crashes });
        return;
      }
      if (!goesBack(result)) continue;
      if (!isGivenUp(record, result)) return;
      careful = true;
    }
  };
  const left = new Set<SQSRecord>();
  const letDoneLeave = async () => {
    const done = [...results].flatMap(([record, result]) =>
      goesBack(result) || left.has(record) ? [] : record,
    );
    for (const record of done) left.add(record);
    if (done.length > 0) await leave(done);
  };

  await inParallel(linesOf(records), concurrency, (line) => workLine(line, false));
  const suspects = waiting.splice(0).sort((one, other) => one.crashes - other.crashes);
  if (suspects.length > 1) await setApart(suspects.slice(1).map(({ line }) => line));
  for (const { line } of suspects) await workLine(line, true);
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
