import { createHash } from "node:crypto";
import { isAllowedText } from "./allowed-text.js";
import { invalidParameter, missingParameter, SqsError } from "./errors.js";
import {
  attributeBytes,
  checkAttributes,
  checkSystemAttributes,
  type MessageAttributes,
} from "./message-attributes.js";

/** What a sender asks SQS to keep. */
export interface MessageDraft {
  readonly body: string;
  readonly attributes: MessageAttributes;
  /** For SQS itself; does not count towards the size. */
  readonly systemAttributes?: MessageAttributes | undefined;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
  readonly delaySeconds?: number | undefined;
}

/** A message as it lies in the queue. Times are epoch milliseconds. */
export interface QueuedMessage extends Omit<MessageDraft, "delaySeconds"> {
  readonly id: string;
  readonly md5OfBody: string;
  readonly md5OfAttributes?: string | undefined;
  readonly md5OfSystemAttributes?: string | undefined;
  readonly sentAt: number;
  /** Since when it lies in this queue: differs from `sentAt` in a dead-letter queue. */
  arrivedAt: number;
  /** From when it can be received. */
  visibleAt: number;
  receiveCount: number;
  receivesHere: number;
  firstReceivedAt?: number;
  lastReceivedAt?: number;
  /** Handle of the latest receive. Absent before the first. */
  receiptHandle?: string;
  sequenceNumber?: string | undefined;
  /** ARN of the queue it came from, if a redrive policy moved it. */
  deadLetterSourceArn?: string;
}

/** What a queue's settings say about the messages that it takes. */
export interface TakenMessages {
  readonly fifo: boolean;
  readonly contentBasedDeduplication: boolean;
  readonly maximumMessageBytes: number;
}

/** 1–128 alphanumerics and ASCII punctuation, no space (AWS fact 3.5). */
const identifier = /^[!-~]{1,128}$/;

const longestDelaySeconds = 900;

/** Checks what SQS checks before it takes a message, in its words; throws SqsError. */
export function checkDraft(draft: MessageDraft, queue: TakenMessages): void {
  if (draft.body === "") throw missingParameter("MessageBody");
  if (!isAllowedText(draft.body)) {
    throw new SqsError(
      "InvalidMessageContents",
      "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.",
    );
  }
  checkAttributes(draft.attributes);
  checkSystemAttributes(draft.systemAttributes ?? {});
  if (sizeBytes(draft) > queue.maximumMessageBytes) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${queue.maximumMessageBytes} bytes.`,
    );
  }
  checkIdentifier("MessageGroupId", draft.groupId);
  checkIdentifier("MessageDeduplicationId", draft.deduplicationId);
  checkDelay(draft.delaySeconds, queue.fifo);
  if (queue.fifo) checkFifoIdentifiers(draft, queue);
  else if (draft.deduplicationId !== undefined) {
    throw notForThisQueueType("MessageDeduplicationId", draft.deduplicationId);
  }
}

/** Throws SqsError for a message without what a FIFO queue orders and deduplicates by. */
export function checkFifoIdentifiers(
  { groupId, deduplicationId }: Pick<MessageDraft, "groupId" | "deduplicationId">,
  { contentBasedDeduplication }: Pick<TakenMessages, "contentBasedDeduplication">,
): void {
  if (groupId === undefined) throw missingParameter("MessageGroupId");
  if (deduplicationId !== undefined || contentBasedDeduplication) return;
  throw invalidParameter(
    "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
  );
}

/** What SQS says of a parameter that only the other type of queue takes. */
export function notForThisQueueType(parameter: string, value: unknown): SqsError {
  return invalidParameter(
    `Value ${value} for parameter ${parameter} is invalid. Reason: The request include parameter that is not valid for this queue type.`,
  );
}

/** Throws SqsError for an identifier that is too long or has other characters than SQS takes. */
export function checkIdentifier(parameter: string, value: string | undefined): void {
  if (value === undefined || identifier.test(value)) return;
  throw invalidParameter(
    `Value ${value} for parameter ${parameter} is invalid. Reason: ${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}

function checkDelay(seconds: number | undefined, fifo: boolean): void {
  if (seconds === undefined) return;
  if (!(seconds >= 0 && seconds <= longestDelaySeconds)) {
    throw invalidParameter(
      `Value ${seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${longestDelaySeconds}.`,
    );
  }
  // A FIFO queue delays all of its messages or none; 0 is taken.
  if (fifo && seconds !== 0) throw notForThisQueueType("DelaySeconds", seconds);
}

/** Body in UTF-8 plus names, types and values of the attributes (AWS fact 3.3). */
export function sizeBytes({ body, attributes }: Pick<MessageDraft, "body" | "attributes">): number {
  return Buffer.byteLength(body) + attributeBytes(attributes);
}

export const md5 = (value: string) => createHash("md5").update(value).digest("hex");
export const sha256 = (value: string) => createHash("sha256").update(value).digest("hex");
