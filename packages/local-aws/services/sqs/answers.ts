import { batchError, SqsError } from "./errors.js";
import type { QueuedMessage } from "./message.js";
import { md5OfAttributes } from "./message-attributes.js";
import type { Queue } from "./queue.js";

/** The answer to one send. */
export function sent(queued: QueuedMessage) {
  return {
    MessageId: queued.id,
    MD5OfMessageBody: queued.md5OfBody,
    MD5OfMessageAttributes: queued.md5OfAttributes,
    MD5OfMessageSystemAttributes: queued.md5OfSystemAttributes,
    SequenceNumber: queued.sequenceNumber,
  };
}

const mostEntries = 10;

/** Throws SqsError for a batch that fails as a whole: it has no entries, too many, or wrong ids (AWS fact 3.20). */
export function checkEntries(entries: readonly { Id: string }[]): void {
  if (entries.length === 0) {
    throw batchError("EmptyBatchRequest", "There should be at least one entry in the request.");
  }
  if (entries.length > mostEntries) {
    throw batchError(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are ${mostEntries}. You have sent ${entries.length}.`,
    );
  }
  if (!entries.every(({ Id }) => /^[A-Za-z0-9_-]{1,80}$/.test(Id))) {
    throw batchError(
      "InvalidBatchEntryId",
      "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    );
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw batchError(
      "BatchEntryIdsNotDistinct",
      "Two or more batch entries in the request have the same Id.",
    );
  }
}

/** A batch succeeds or fails entry by entry, once its own shape is right. */
export function eachEntry<Entry extends { Id: string }>(
  entries: readonly Entry[],
  act: (entry: Entry) => unknown,
) {
  const Successful: unknown[] = [];
  const Failed: unknown[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...(act(entry) as object | undefined) });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}

/** A message with the attributes that the receiver asked for. */
export function received(
  queued: QueuedMessage,
  systemNames: readonly string[],
  attributeNames: readonly string[],
): Record<string, unknown> {
  const system: Record<string, string | undefined> = {
    SenderId: "AIDALOCALSENDER",
    SentTimestamp: String(queued.sentAt),
    ApproximateReceiveCount: String(queued.receiveCount),
    ApproximateFirstReceiveTimestamp: String(queued.firstReceivedAt),
    AWSTraceHeader: queued.systemAttributes?.AWSTraceHeader?.StringValue,
    MessageGroupId: queued.groupId,
    MessageDeduplicationId: queued.deduplicationId,
    SequenceNumber: queued.sequenceNumber,
    DeadLetterQueueSourceArn: queued.deadLetterSourceArn,
  };
  const wanted = Object.entries(system).filter(
    ([name, value]) => value !== undefined && (systemNames.includes("All") || systemNames.includes(name)),
  );
  const named = Object.fromEntries(
    Object.entries(queued.attributes).filter(([name]) =>
      attributeNames.some(
        (pattern) =>
          ["All", "*", name].includes(pattern) ||
          (pattern.endsWith(".*") && name.startsWith(pattern.slice(0, -2))),
      ),
    ),
  );
  // Of what is handed out, not of all that the message has (AWS fact 3.23).
  const digest = md5OfAttributes(named);
  return {
    MessageId: queued.id,
    ReceiptHandle: queued.receiptHandle,
    Body: queued.body,
    MD5OfBody: queued.md5OfBody,
    ...(wanted.length > 0 ? { Attributes: Object.fromEntries(wanted) } : {}),
    ...(digest === undefined ? {} : { MessageAttributes: named, MD5OfMessageAttributes: digest }),
  };
}

/** What GetQueueAttributes shows under `All`. */
export function queueAttributes(queue: Queue): Record<string, string> {
  const { settings } = queue;
  const { visible, notVisible, delayed } = queue.counts();
  return {
    QueueArn: settings.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(notVisible),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    DelaySeconds: String(settings.delaySeconds),
    MaximumMessageSize: String(settings.maximumMessageBytes),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    ReceiveMessageWaitTimeSeconds: String(settings.receiveWaitSeconds),
    ...(settings.redrive === undefined ? {} : { RedrivePolicy: JSON.stringify(settings.redrive) }),
    ...(settings.fifo
      ? {
          FifoQueue: "true",
          ContentBasedDeduplication: String(settings.contentBasedDeduplication),
          DeduplicationScope: settings.deduplicatesByGroup ? "messageGroup" : "queue",
        }
      : {}),
  };
}
