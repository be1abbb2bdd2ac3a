import type { SQSRecord } from "aws-lambda";
import { errorFields, type Log } from "../telemetry/log.js";
import { orderedGroup, type Turn } from "./batch.js";
import { inParallel } from "./parallel.js";
import { type ChangeVisibility, receiveCount } from "./redelivery.js";

/** Deletes received messages, by their receipt handles. */
export type DeleteMessages = (receiptHandles: readonly string[]) => Promise<void>;

/** Crashes in a row after which a webhook of a FIFO queue is not tried again, see {@link isGivenUp}. */
const mostCrashes = 3;

/** Seconds between the redeliveries that {@link spreadRedelivery} spreads: enough for a batch each. */
const spreadSeconds = 5;

/** Requests to SQS at the same time. */
const concurrency = 10;

/**
 * Whether a record on which the function crashed is not tried again, although the queue has not given it up yet. This
 * applies to FIFO queues only. There nothing of a group can overtake it, so the records behind it are delivered together
 * with it each time. They would move to the dead-letter queue together with it, untried. A new message of the event, such
 * as one from a redrive, is tried.
 *
 * @param crashes how often in a row the function crashed on it
 */
export function isGivenUp(
  record: SQSRecord,
  crashes: number,
  { behind }: Turn,
  isLastDelivery: boolean,
): boolean {
  if (orderedGroup(record) === undefined || receiveCount(record) < 2) return false;
  return crashes >= mostCrashes || (isLastDelivery && behind.length > 0);
}

/**
 * Deletes the records that are done, before a record is handled that may crash the function. Lambda deletes only after
 * the function's answer. After a crash the done records would be delivered again, which uses up a delivery, and they could
 * end in the dead-letter queue.
 */
export async function deleteBeforeCrash(
  done: readonly SQSRecord[],
  { deleteMessages, log }: { readonly deleteMessages: DeleteMessages; readonly log: Log },
): Promise<void> {
  try {
    await deleteMessages(done.map(({ receiptHandle }) => receiptHandle));
  } catch (error) {
    const message =
      "done webhooks could not be deleted early: they are delivered again if the function crashes";
    log.warn(message, { count: done.length, ...errorFields(error) });
  }
}

/**
 * Gives the lines behind a record that may crash the function visibility timeouts of their own. Otherwise they would be
 * delivered together with it again, and be hit by its next crash too. If the function crashes, each line is delivered again
 * soon, and by itself. If it does not, it handles the lines before these timeouts end.
 *
 * @param lines in the order of their turns; the records of a FIFO group are delivered again together
 * @param timeoutSeconds the function's timeout: no record becomes visible while the function may still run
 */
export async function spreadRedelivery(
  lines: readonly (readonly SQSRecord[])[],
  {
    changeVisibility,
    timeoutSeconds,
    log,
  }: { readonly changeVisibility: ChangeVisibility; readonly timeoutSeconds: number; readonly log: Log },
): Promise<void> {
  const changes = lines.flatMap((line, index) =>
    line.map((record) => ({ record, seconds: timeoutSeconds + (index + 1) * spreadSeconds })),
  );
  await inParallel(changes, concurrency, async ({ record, seconds }) => {
    try {
      await changeVisibility(record.receiptHandle, seconds);
    } catch (error) {
      const message = "a webhook's visibility timeout could not be changed: the queue's own applies";
      log.warn(message, { message_id: record.messageId, ...errorFields(error) });
    }
  });
}
