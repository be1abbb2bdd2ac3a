import type { SQSRecord } from "aws-lambda";
import { errorFields, type Log } from "../telemetry/log.js";
import { orderedGroup } from "./batch.js";
import { type MessageAgain, messageAgain } from "./held-message.js";
import { receiveCount } from "./redelivery.js";

/** Puts a message into the function's own queue. Resolves when SQS has confirmed it. */
export type SendAgain = (message: MessageAgain) => Promise<void>;

/** The longest delay of a message (AWS fact 3.25). */
const longestDelaySeconds = 900;

/**
 * Puts a webhook that has to wait for its target back at the end of its queue, so that the wait uses up none of its tries. SQS
 * counts each delivery and takes none back, so the message is sent again, and the one that was delivered is deleted. If the
 * function crashes in between, there are two, and the webhook's claim makes them one.
 *
 * @returns false if the webhook can only wait in the delivered message: on a FIFO queue, where it would lose its place; or
 * if it could not be sent
 */
export async function sendBack(
  record: SQSRecord,
  until: number,
  {
    sendAgain,
    clock,
    log,
  }: {
    readonly sendAgain: SendAgain;
    readonly clock: () => number;
    readonly log: Log;
  },
): Promise<boolean> {
  if (orderedGroup(record) !== undefined) return false;
  const now = clock();
  const delaySeconds = Math.min(Math.max(0, Math.ceil((until - now) / 1000)), longestDelaySeconds);
  const message = messageAgain(record, { deliveries: receiveCount(record) - 1, delaySeconds, now });
  if (message === undefined) return false;
  try {
    await sendAgain(message);
    return true;
  } catch (error) {
    const problem = "a webhook could not be sent back to its queue: its wait uses up a delivery";
    log.warn(problem, { message_id: record.messageId, ...errorFields(error) });
    return false;
  }
}
