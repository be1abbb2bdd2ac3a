/** A message for a queue. */
export interface OutgoingMessage {
  readonly body: string;
  readonly groupId: string;
  /** For a FIFO queue. */
  readonly deduplicationId?: string;
}

/**
 * Sends messages in one request: at most {@link mostMessages}, with at most {@link mostBytes} together. Resolves to the
 * reasons of those that SQS refused, by their positions; all others are confirmed.
 */
export type SendMessages = (
  queueUrl: string,
  messages: readonly OutgoingMessage[],
) => Promise<ReadonlyMap<number, string>>;

/** Puts a message into a queue. Resolves when SQS has confirmed it. */
export type Send = (queueUrl: string, message: OutgoingMessage) => Promise<void>;

/** docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html (AWS fact 3.2) */
const mostMessages = 10;
const mostBytes = 1_048_576;

/**
 * For how long messages are collected. The claims of a batch's webhooks are answered within about this time. A request saved
 * costs as much as a function of 512 MB for 50 ms.
 */
const collectingMilliseconds = 5;

/** Requests to SQS at the same time. */
const concurrency = 10;

interface Waiting {
  readonly message: OutgoingMessage;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Collects the messages that a batch's webhooks have for the same queue, so that they share requests: SQS bills a request
 * for ten small messages like one for one. What comes within a short time leaves together, and so does what comes while all
 * requests are on their way.
 *
 * It belongs to one invocation: what is on the way when that ends is nobody's.
 *
 * @param webhooks how many the invocation has. One alone has nothing to wait for
 */
export function createSender(sendMessages: SendMessages, webhooks: number): Send {
  const waiting = new Map<string, Waiting[]>();
  let requests = 0;
  let isScheduled = false;

  const request = async (queueUrl: string, batch: readonly Waiting[]) => {
    requests += 1;
    try {
      const refused = await sendMessages(
        queueUrl,
        batch.map(({ message }) => message),
      );
      for (const [index, { resolve, reject }] of batch.entries()) {
        const reason = refused.get(index);
        if (reason === undefined) resolve();
        else reject(new Error(`SQS refused it: ${reason}`));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error as Error);
    } finally {
      requests -= 1;
    }
    leave();
  };

  const leave = () => {
    for (const [queueUrl, messages] of waiting) {
      while (messages.length > 0) {
        if (requests >= concurrency) return;
        void request(queueUrl, nextBatch(messages));
      }
      waiting.delete(queueUrl);
    }
  };

  return (queueUrl, message) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const others = waiting.get(queueUrl);
    if (others === undefined) waiting.set(queueUrl, [{ message, resolve, reject }]);
    else others.push({ message, resolve, reject });
    if (!isScheduled) {
      isScheduled = true;
      const start = () => {
        isScheduled = false;
        leave();
      };
      if (webhooks > 1) setTimeout(start, collectingMilliseconds);
      else setImmediate(start);
    }
    return promise;
  };
}

/** Takes as many messages from the front as one request may have. */
function nextBatch(messages: Waiting[]): Waiting[] {
  let bytes = 0;
  const tooMany = messages.findIndex(({ message }, index) => {
    bytes += Buffer.byteLength(message.body);
    return index >= mostMessages || (index > 0 && bytes > mostBytes);
  });
  return messages.splice(0, tooMany === -1 ? messages.length : tooMany);
}
