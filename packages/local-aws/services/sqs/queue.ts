import { randomUUID } from "node:crypto";
import { Deduplication, deduplicationIdOf } from "./deduplication.js";
import { invalidParameter, SqsError } from "./errors.js";
import { checkDraft, type MessageDraft, md5, type QueuedMessage, sizeBytes } from "./message.js";
import { md5OfAttributes } from "./message-attributes.js";
import type { QueueSettings } from "./queue-settings.js";

/** Names and values of the CloudWatch metrics that a call to the queue makes. */
export type OnQueueMetric = (queueName: string, metric: string, value: number) => void;

/** Longest time a message can stay invisible, counted from its receive (AWS fact 3.13). */
const longestVisibilitySeconds = 43_200;

/** Messages in flight of a queue, of either type (AWS fact 3.9). */
const mostInFlight = 120_000;

/** One SQS queue in memory, standard or FIFO. */
export class Queue {
  readonly #messages = new Map<string, QueuedMessage>();
  readonly #deduplication: Deduplication;
  readonly #waiters = new Set<() => void>();
  /** No message has been kept for longer than since then, so a long queue is only looked through when one may have expired. */
  #oldest = Number.POSITIVE_INFINITY;
  #sequence = 0n;

  constructor(
    readonly settings: QueueSettings,
    readonly onMetric: OnQueueMetric = () => {},
    /** Now, in epoch milliseconds. */
    private readonly clock: () => number = Date.now,
  ) {
    this.#deduplication = new Deduplication(settings.deduplicatesByGroup);
  }

  /**
   * Takes a message and returns it. One that was taken already within the deduplication interval is not queued again: what
   * is returned then has the first one's id, and the digests of what was sent now, which are what an SDK compares.
   *
   * @throws SqsError for what SQS would refuse
   */
  send(draft: MessageDraft): QueuedMessage {
    const { fifo, name } = this.settings;
    checkDraft(draft, this.settings);
    const now = this.clock();
    const { delaySeconds, ...kept } = draft;
    const message: QueuedMessage = {
      ...kept,
      deduplicationId: fifo ? deduplicationIdOf(draft) : undefined,
      id: randomUUID(),
      md5OfBody: md5(draft.body),
      md5OfSystemAttributes: md5OfAttributes(draft.systemAttributes ?? {}),
      md5OfAttributes: md5OfAttributes(draft.attributes),
      sentAt: now,
      arrivedAt: now,
      visibleAt: now + ((fifo ? undefined : delaySeconds) ?? this.settings.delaySeconds) * 1000,
      receiveCount: 0,
      receivesHere: 0,
    };
    const first = fifo ? this.#deduplication.find(draft, now) : undefined;
    if (first !== undefined) {
      this.onMetric(name, "NumberOfDeduplicatedSentMessages", 1);
      return { ...message, ...first };
    }

    if (fifo) {
      message.sequenceNumber = String(++this.#sequence + 18_850_000_000_000_000_000n);
      this.#deduplication.remember(draft, message, now);
    }
    this.#put(message);
    this.onMetric(name, "NumberOfMessagesSent", 1);
    this.onMetric(name, "SentMessageSize", sizeBytes(draft));
    return message;
  }

  /**
   * Hands out up to `count` messages and hides them. A message that was received `maxReceiveCount` times is moved to
   * `deadLetters` instead, uncounted: it is delivered exactly that often, and its next receive there counts on (AWS fact 3.10).
   */
  receive(count: number, visibilityTimeoutSeconds: number, deadLetters: Queue | undefined): QueuedMessage[] {
    const now = this.clock();
    this.#dropExpired(now);
    const received: QueuedMessage[] = [];
    const room = mostInFlight - this.#inFlightCount(now);
    const { redrive } = this.settings;
    for (const message of this.#available(now)) {
      if (received.length >= Math.min(count, room)) break;
      if (
        redrive !== undefined &&
        deadLetters !== undefined &&
        message.receiveCount >= redrive.maxReceiveCount
      ) {
        this.#messages.delete(message.id);
        deadLetters.#adopt(message, this.settings.arn);
        continue;
      }
      this.#hide(message, now, visibilityTimeoutSeconds);
      received.push(message);
    }
    this.onMetric(
      this.settings.name,
      received.length > 0 ? "NumberOfMessagesReceived" : "NumberOfEmptyReceives",
      Math.max(received.length, 1),
    );
    return received;
  }

  /** True when as many messages are in flight as SQS lets be. */
  isFull(): boolean {
    return this.#inFlightCount(this.clock()) >= mostInFlight;
  }

  /** Resolves as soon as a message may have become visible, at the latest after `milliseconds` or when `signal` aborts. */
  async changed(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const now = this.clock();
    let nextVisible = Number.POSITIVE_INFINITY;
    for (const { visibleAt } of this.#messages.values()) {
      if (visibleAt > now) nextVisible = Math.min(nextVisible, visibleAt);
    }
    await new Promise<void>((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#waiters.delete(finish);
        signal?.removeEventListener("abort", finish);
        resolve();
      };
      const timer = setTimeout(finish, Math.min(milliseconds, nextVisible - now));
      this.#waiters.add(finish);
      signal?.addEventListener("abort", finish);
      if (signal?.aborted) finish();
    });
  }

  /**
   * Deletes by receipt handle. On a standard queue an old handle is accepted and only the latest one deletes; a FIFO queue
   * refuses a handle whose visibility has ended (AWS fact 3.8).
   */
  delete(receiptHandle: string): void {
    const message = this.#find(receiptHandle);
    if (this.settings.fifo && message !== undefined && !this.#inFlight(message, receiptHandle)) {
      throw handleExpired(receiptHandle);
    }
    if (message?.receiptHandle === receiptHandle) {
      this.#messages.delete(message.id);
      this.#wake();
    }
    this.onMetric(this.settings.name, "NumberOfMessagesDeleted", 1);
  }

  /** Sets when a message in flight becomes visible again, in seconds from now, 0 to 43,200. */
  changeVisibility(receiptHandle: string, seconds: number): void {
    if (!(seconds >= 0 && seconds <= longestVisibilitySeconds)) {
      throw invalidParameter(
        `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between 0 and 43200.`,
      );
    }
    const message = this.#find(receiptHandle);
    // Deleted meanwhile (AWS fact 3.22).
    if (message === undefined) {
      throw invalidParameter(
        `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      );
    }
    // AWS was once seen to answer 200 here; its API reference says that it refuses (AWS fact 3.22).
    if (!this.#inFlight(message, receiptHandle)) {
      if (this.settings.fifo) throw handleExpired(receiptHandle);
      throw new SqsError(
        "AWS.SimpleQueueService.MessageNotInflight",
        "The specified message isn't in flight.",
        "MessageNotInflight",
      );
    }
    const until = this.clock() + seconds * 1000;
    if (until - (message.lastReceivedAt ?? until) > longestVisibilitySeconds * 1000) {
      throw invalidParameter(
        `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].`,
      );
    }
    message.visibleAt = until;
    this.#wake();
  }

  purge(): void {
    this.#messages.clear();
    this.#deduplication.forget();
  }

  /** The message that would be received next, without a receive; for redrives, which are SQS's own. */
  nextVisible(): QueuedMessage | undefined {
    const now = this.clock();
    this.#dropExpired(now);
    const [next] = this.#available(now);
    return next;
  }

  /** Takes a message out for good. */
  remove({ id }: QueuedMessage): void {
    this.#messages.delete(id);
    this.#wake();
  }

  /** Puts a message into the queue as it is, such as one that a standard queue delivers once more after its delete. */
  putBack(message: QueuedMessage): void {
    this.#put(message);
  }

  /** Everything in the queue, oldest first, without receiving it. */
  peek(): readonly QueuedMessage[] {
    this.#dropExpired(this.clock());
    return [...this.#messages.values()];
  }

  /** The queue's gauges, as GetQueueAttributes and CloudWatch show them. */
  counts(): { visible: number; notVisible: number; delayed: number; ageOfOldestSeconds: number } {
    const now = this.clock();
    this.#dropExpired(now);
    let [visible, delayed, oldest] = [0, 0, now];
    for (const { visibleAt, receivesHere, arrivedAt } of this.#messages.values()) {
      if (visibleAt <= now) visible += 1;
      else if (receivesHere === 0) delayed += 1;
      // A message received three times or more no longer counts for the age (AWS fact 3.14).
      if (receivesHere < 3) oldest = Math.min(oldest, arrivedAt);
    }
    return {
      visible,
      notVisible: this.#messages.size - visible - delayed,
      delayed,
      ageOfOldestSeconds: Math.floor((now - oldest) / 1000),
    };
  }

  #put(message: QueuedMessage): void {
    this.#messages.set(message.id, message);
    this.#oldest = Math.min(this.#oldest, this.#keptSince(message));
    this.#wake();
  }

  /** A dead-letter queue takes a message over: same id and body, receive count goes on (AWS fact 3.10). */
  #adopt(message: QueuedMessage, sourceArn: string): void {
    const { receiptHandle: _, ...kept } = message;
    const now = this.clock();
    this.#put({
      ...kept,
      // Retention starts anew on FIFO queues only (AWS fact 3.11).
      sentAt: message.sentAt,
      arrivedAt: now,
      visibleAt: now,
      receivesHere: 0,
      deadLetterSourceArn: sourceArn,
      // So that two messages which shared a deduplication id both find room (AWS fact 3.17).
      ...(this.settings.fifo ? { deduplicationId: message.id } : {}),
    });
  }

  /** What can be received now, oldest first; of a FIFO queue's groups, only those of which nothing is out or delayed. */
  *#available(now: number): Generator<QueuedMessage> {
    const blockedGroups = this.#groupsInFlight(now);
    for (const message of [...this.#messages.values()]) {
      const group = this.settings.fifo ? message.groupId : undefined;
      if (group !== undefined && blockedGroups.has(group)) continue;
      if (message.visibleAt <= now) yield message;
      // Order inside a group: nothing overtakes a message that is delayed.
      else if (group !== undefined) blockedGroups.add(group);
    }
  }

  #inFlightCount(now: number): number {
    // Counting costs as much as the queue is long, and few queues are that long.
    if (this.#messages.size < mostInFlight) return 0;
    return [...this.#messages.values()].filter(
      ({ visibleAt, receivesHere }) => visibleAt > now && receivesHere > 0,
    ).length;
  }

  #hide(message: QueuedMessage, now: number, seconds: number): void {
    message.receiveCount += 1;
    message.receivesHere += 1;
    message.firstReceivedAt ??= now;
    message.lastReceivedAt = now;
    message.visibleAt = now + seconds * 1000;
    message.receiptHandle = Buffer.from(`${this.settings.name}/${message.id}/${randomUUID()}`).toString(
      "base64",
    );
    if (message.receivesHere >= 3 && !this.settings.fifo) {
      this.#messages.delete(message.id);
      this.#messages.set(message.id, message);
    }
  }

  #find(receiptHandle: string): QueuedMessage | undefined {
    const [queue, id, ...rest] = Buffer.from(receiptHandle, "base64").toString().split("/");
    if (queue !== this.settings.name || id === undefined || rest.length !== 1) {
      throw new SqsError(
        "ReceiptHandleIsInvalid",
        `The input receipt handle "${receiptHandle}" is not a valid receipt handle.`,
      );
    }
    return this.#messages.get(id);
  }

  #inFlight(message: QueuedMessage, receiptHandle: string): boolean {
    return message.receiptHandle === receiptHandle && message.visibleAt > this.clock();
  }

  /** A group waits while any of its messages is in flight (AWS fact 3.8). */
  #groupsInFlight(now: number): Set<string> {
    const groups = new Set<string>();
    if (!this.settings.fifo) return groups;
    for (const { groupId, visibleAt, receiptHandle } of this.#messages.values()) {
      if (receiptHandle !== undefined && visibleAt > now && groupId !== undefined) groups.add(groupId);
    }
    return groups;
  }

  #dropExpired(now: number): void {
    const longest = this.settings.retentionSeconds * 1000;
    if (now - this.#oldest <= longest) return;
    this.#oldest = Number.POSITIVE_INFINITY;
    for (const message of this.#messages.values()) {
      const since = this.#keptSince(message);
      if (now - since > longest) this.#messages.delete(message.id);
      else this.#oldest = Math.min(this.#oldest, since);
    }
  }

  /** When its retention began, in epoch milliseconds. */
  #keptSince({ arrivedAt, sentAt }: QueuedMessage): number {
    return this.settings.fifo ? arrivedAt : sentAt;
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }
}

function handleExpired(receiptHandle: string): SqsError {
  return invalidParameter(
    `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
  );
}
