import type { SQSRecord } from "aws-lambda";
import type { BackoffDefinition } from "../stage/definition.js";
import type { Log } from "../telemetry/log.js";
import { errorFields } from "../telemetry/log.js";
import { backoffSeconds, retryAfterSeconds, secondsUntil } from "./backoff.js";
import { orderedGroup } from "./batch.js";
import { carriedOn } from "./held-message.js";
import { inParallel } from "./parallel.js";

/** Sets how long a received message stays invisible from now on, in seconds. */
export type ChangeVisibility = (receiptHandle: string, seconds: number) => Promise<void>;

/** A record that returns to the queue. */
export interface HandedBack {
  readonly record: SQSRecord;
  /** When to deliver it again, in epoch milliseconds. Absent: after the usual backoff. */
  readonly notBefore?: number;
  /** How long to wait at least, in seconds, limited by the backoff's longest delay. */
  readonly retryAfterSeconds?: number;
  /** The backoff of the webhook's source, if it has its own. */
  readonly backoff?: BackoffDefinition;
  /**
   * It is not tried again, as after its last delivery. It becomes visible at once, because the queue moves it to the
   * dead-letter queue only when it is received the next time (AWS fact 3.10). Nothing of its group waits for it.
   */
  readonly givenUp?: boolean;
}

/** Number of requests to SQS at the same time. */
const concurrency = 10;

/**
 * Tells SQS when to deliver the returned records again. Without this each would wait for the queue's whole visibility
 * timeout (AWS fact 4.7). That is also what happens to a record if this call fails.
 *
 * On a FIFO queue only the first record of a message group that is tried again gets a delay. The records behind it become
 * visible at once. They still wait for the first, because nothing of a group is delivered while one of its messages is in
 * flight (AWS fact 3.8). Without the change they would block the group until their visibility timeout ends. They are
 * delivered together with the first record, so each of its deliveries counts for them too. In its last delivery they are
 * tried, see `workThrough`.
 */
export async function delayRedelivery(
  handedBack: readonly HandedBack[],
  {
    changeVisibility,
    backoff,
    clock,
    random,
    log,
  }: {
    readonly changeVisibility: ChangeVisibility;
    readonly backoff: BackoffDefinition;
    readonly clock: () => number;
    readonly random: () => number;
    readonly log: Log;
  },
): Promise<void> {
  const delaySeconds = ({
    record,
    notBefore,
    retryAfterSeconds: least,
    backoff: own = backoff,
  }: HandedBack) => {
    if (notBefore !== undefined) return secondsUntil(notBefore, clock());
    if (least !== undefined) return retryAfterSeconds(own, least, random());
    return backoffSeconds(own, receiveCount(record), random());
  };
  const groups = new Set<string>();
  const changes = handedBack.map((back) => {
    const { record } = back;
    const group = orderedGroup(record);
    if (back.givenUp === true) return { record, seconds: 0 };
    const behindAnother = group !== undefined && groups.has(group);
    if (group !== undefined) groups.add(group);
    return { record, seconds: behindAnother ? 0 : delaySeconds(back) };
  });

  await inParallel(changes, concurrency, async ({ record, seconds }) => {
    try {
      await changeVisibility(record.receiptHandle, seconds);
    } catch (error) {
      const message = "the delay could not be set; the queue's visibility timeout applies";
      log.warn(message, { message_id: record.messageId, ...errorFields(error) });
    }
  });
}

/** Deliveries of a record so far, including this one, and those of the messages that it follows. */
export function receiveCount(record: SQSRecord): number {
  const count = Number(record.attributes.ApproximateReceiveCount);
  const own = Number.isInteger(count) && count > 0 ? count : 1;
  return own + (carriedOn(record)?.deliveries ?? 0);
}
