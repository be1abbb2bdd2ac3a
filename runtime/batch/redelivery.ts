import type { SQSRecord } from "aws-lambda";
import type { BackoffDefinition } from "../stage/definition.js";
import type { Log } from "../telemetry/log.js";
import { errorFields } from "../telemetry/log.js";
import { backoffSeconds, retryAfterSeconds, secondsUntil } from "./backoff.js";
import { orderedGroup } from "./batch.js";
import { inParallel } from "./parallel.js";

/** Sets how long a received message stays invisible from now on, in seconds. */
export type ChangeVisibility = (receiptHandle: string, seconds: number) => Promise<void>;

/** A record that goes back to the queue. */
export interface HandedBack {
  readonly record: SQSRecord;
  /** When it makes sense to deliver it again, in epoch milliseconds; absent: after the usual backoff. */
  readonly notBefore?: number;
  /** How long to wait at least, in seconds, as far as the backoff's longest delay goes. */
  readonly retryAfterSeconds?: number;
  /** Of the webhook's source, if that has one of its own. */
  readonly backoff?: BackoffDefinition;
}

/** Requests to SQS at the same time. */
const concurrency = 10;

/**
 * Tells SQS when to deliver what goes back. Without it each would wait for the queue's whole visibility timeout
 * (AWS fact 4.7), which is also what happens to one for which this fails.
 *
 * On a FIFO queue only the first of a message group gets a delay. Those behind it become visible at once: nothing of a
 * group is delivered while one of its messages is in flight (AWS fact 3.8), so they wait for the first anyway, whereas
 * left alone they would hold it up until the visibility timeout. They come back together with it, so each of its
 * deliveries counts for them too; in its last one they are tried, see `workThrough`.
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

/** Deliveries of a record so far, this one included. */
export function receiveCount({ attributes }: SQSRecord): number {
  const count = Number(attributes.ApproximateReceiveCount);
  return Number.isInteger(count) && count > 0 ? count : 1;
}
