import { Queue, type QueuedMessage } from "local-aws";
import type { MessageAgain } from "../../../runtime/batch/held-message.js";
import { heldMessage } from "./queue-messages.js";
import { type Delivery, deliveryOf, type Scenario } from "./scenario.js";

/** A message of the run, in the order of sending. */
export interface SentMessage {
  readonly message: QueuedMessage;
  readonly delivery: Delivery;
  /** Deleted, or given up to the dead-letter queue. */
  gone: boolean;
}

/**
 * What senders and operators put into the queue and what becomes of it there: the queue and dead-letter queue of the local
 * mode on a clock of their own, with SQS's freedoms added: it may deliver out of order, twice, and after a delete.
 */
export class Traffic {
  readonly sent: SentMessage[] = [];
  readonly #queue: Queue;
  readonly #deadLetters: Queue;
  /** Indexes of webhooks, one for each time that it is still to be sent. */
  readonly #unsent: number[];
  readonly #byBody = new Map<string, Delivery>();
  readonly #deleted: QueuedMessage[] = [];
  readonly #deadLettered = new Map<string, QueuedMessage>();
  #serial = 0;
  #replays = 0;

  /**
   * @param visibilitySeconds the queue's visibility timeout
   * @param tell takes what happens, for the story
   * @param count takes what happens, for the statistics
   */
  constructor(
    private readonly scenario: Scenario,
    private readonly run: string,
    private readonly visibilitySeconds: number,
    private readonly clock: () => number,
    private readonly tell: (line: string) => void,
    private readonly count: (what: string) => void,
  ) {
    const { fifo, maxReceiveCount, webhooks } = scenario;
    const settings = {
      url: "https://sqs.example/queue",
      fifo,
      visibilityTimeoutSeconds: visibilitySeconds,
      delaySeconds: 0,
      maximumMessageBytes: 1_048_576,
      retentionSeconds: 14 * 86_400,
      receiveWaitSeconds: 0,
      contentBasedDeduplication: false,
      deduplicatesByGroup: true,
    };
    const [arn, deadLetterTargetArn] = ["arn:aws:sqs:eu-west-1:1:q", "arn:aws:sqs:eu-west-1:1:dead"];
    const redrive = { deadLetterTargetArn, maxReceiveCount };
    this.#queue = new Queue({ ...settings, name: "q", arn, redrive }, undefined, clock);
    this.#deadLetters = new Queue({ ...settings, name: "dead", arn: deadLetterTargetArn }, undefined, clock);
    this.#unsent = webhooks.flatMap(({ copies }, webhook) => Array.from({ length: copies }, () => webhook));
  }

  get hasUnsent(): boolean {
    return this.#unsent.length > 0;
  }

  get hasVisible(): boolean {
    return this.#queue.counts().visible > 0;
  }

  get hasDeadLetters(): boolean {
    return this.#deadLetters.peek().length > 0;
  }

  /** Messages that neither came to an end nor were given up, and such as were. */
  get left(): number {
    return this.#queue.peek().length + this.#deadLetters.peek().length;
  }

  get deleted(): readonly QueuedMessage[] {
    return this.#deleted;
  }

  /** When the next message that is hidden now can be received. */
  get nextVisible(): number | undefined {
    const times = this.#queue
      .peek()
      .flatMap(({ visibleAt }) => (visibleAt > this.clock() ? [visibleAt] : []));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  sendNext(random: () => number): void {
    const webhook = this.#unsent.shift();
    if (webhook !== undefined) this.#request(webhook, random);
  }

  /** A sender repeats itself, in a request of its own. */
  redeliver({ webhook }: Delivery): void {
    this.count("redelivered by its sender");
    this.#request(webhook, () => 0);
  }

  #request(webhook: number, random: () => number): void {
    const plan = this.scenario.webhooks[webhook];
    if (plan === undefined) return;
    const origin = { serial: this.#serial++, receivedAt: this.clock() };
    this.#send(deliveryOf(this.run, webhook, plan, origin), random);
  }

  /** An operator sends a webhook once more: a new replay, or the message of one that was sent before. */
  replay(original: Delivery, random: () => number): void {
    const plan = this.scenario.webhooks[original.webhook];
    if (plan === undefined || plan.behaviour === "forged") return;
    const earlier = [...this.#byBody.values()].filter(({ replayId }) => replayId !== undefined);
    const repeated = random() < 0.4 ? earlier[Math.floor(random() * earlier.length)] : undefined;
    this.count(repeated === undefined ? "replayed" : "replay sent twice");
    const replay = () => {
      const replayId = `replay-${++this.#replays}`;
      const { requestId, receivedAt } = original;
      const serial = this.#serial++;
      return deliveryOf(this.run, original.webhook, plan, { serial, requestId, receivedAt, replayId });
    };
    this.#send(repeated ?? replay(), () => 0);
  }

  /** An operator sends one message out of the dead-letter queue to where it came from, as a new one. */
  redrive(): boolean {
    const message = this.#deadLetters.nextVisible();
    if (message === undefined) return false;
    this.#deadLetters.remove(message);
    this.count("redriven");
    this.#send(this.deliveryOf(message), () => 0);
    return true;
  }

  #send(delivery: Delivery, random: () => number): void {
    const { fifo, webhooks } = this.scenario;
    this.#byBody.set(delivery.body, delivery);
    const message = this.#queue.send({
      body: delivery.body,
      attributes: {},
      groupId: webhooks[delivery.webhook]?.group ?? "a",
      // Not in the order of sending, as a standard queue may.
      ...(fifo ? { deduplicationId: `${this.sent.length}` } : { delaySeconds: Math.floor(random() * 20) }),
    });
    this.sent.push({ message, delivery, gone: false });
    this.tell(`sent ${nameOf(delivery)}`);
  }

  /** The function sends a webhook that has to wait to its queue again. */
  sendAgain(again: MessageAgain): void {
    const delivery = this.#byBody.get(again.body);
    if (delivery === undefined) throw new Error("a message that nobody sent");
    this.count("sent again");
    const message = this.#queue.send(heldMessage(again));
    this.sent.push({ message, delivery, gone: false });
    this.tell(`sent again ${nameOf(delivery)}`);
  }

  /** Whether another message carries the same delivery. */
  hasCopyOf({ id, body }: QueuedMessage): boolean {
    const there = [...this.#queue.peek(), ...this.#deadLetters.peek()];
    return there.some((message) => message.id !== id && message.body === body);
  }

  /** A batch as it is received; what was received often enough goes to the dead-letter queue instead. */
  receive(random: () => number): QueuedMessage[] {
    const { batchSize, fifo } = this.scenario;
    const messages = this.#queue.receive(batchSize, this.visibilitySeconds, this.#deadLetters);
    this.#noteDeadLetters();
    if (!fifo) messages.sort(() => random() - 0.5);
    // The queue goes on changing its own; a record is what it was when it was received.
    return messages.map((message) => ({ ...message }));
  }

  delete(message: QueuedMessage): void {
    try {
      this.#queue.delete(message.receiptHandle ?? "");
    } catch {
      // A FIFO queue refuses a handle that has ended; the message comes again.
      return;
    }
    // A standard queue takes an old handle, and keeps the message.
    if (this.#queue.peek().some(({ id }) => id === message.id)) return;
    this.#deleted.push(message);
    this.#markGone(message);
  }

  changeVisibility(receiptHandle: string, seconds: number): void {
    this.#queue.changeVisibility(receiptHandle, seconds);
  }

  /** Whether a delivery still hides its message. */
  isHidden({ id, receiptHandle }: QueuedMessage): boolean {
    const current = this.#queue.peek().find((message) => message.id === id);
    return current?.receiptHandle === receiptHandle && (current?.visibleAt ?? 0) > this.clock();
  }

  /** A standard queue may deliver a message that is in flight. */
  showAgain(message: QueuedMessage): void {
    const current = this.#queue.peek().find(({ id }) => id === message.id);
    if (current?.receiptHandle === undefined || current.visibleAt <= this.clock()) return;
    this.count("shown again while in flight");
    this.#queue.changeVisibility(current.receiptHandle, 0);
  }

  /** A standard queue may deliver a message that was deleted. */
  resurrect(message: QueuedMessage): void {
    const there = [...this.#queue.peek(), ...this.#deadLetters.peek()];
    if (there.some(({ id }) => id === message.id)) return;
    this.count("delivered after its delete");
    this.#queue.putBack({ ...message, visibleAt: this.clock() });
  }

  deliveryOf({ body }: QueuedMessage): Delivery {
    const delivery = this.#byBody.get(body);
    if (delivery === undefined) throw new Error("a message that nobody sent");
    return delivery;
  }

  /**
   * On a FIFO queue what was sent before a message in its group and was neither deleted nor given up; one that was delivered
   * as often as it may be is as good as moved. Deliveries of the same webhook do not count.
   */
  aheadOf(message: QueuedMessage | undefined): Delivery[] {
    const { fifo, maxReceiveCount } = this.scenario;
    const index = this.sent.findIndex((entry) => entry.message.id === message?.id);
    const own = this.sent[index];
    if (!fifo || own === undefined) return [];
    return this.sent
      .slice(0, index)
      .filter((entry) => entry.message.groupId === own.message.groupId)
      .filter((entry) => !entry.gone && entry.message.receiveCount < maxReceiveCount)
      .map(({ delivery }) => delivery)
      .filter(({ webhookId }) => webhookId !== own.delivery.webhookId);
  }

  deadLettered(): { readonly delivery: Delivery; readonly receiveCount: number }[] {
    return [...this.#deadLettered.values()].map((message) => ({
      delivery: this.deliveryOf(message),
      receiveCount: message.receiveCount,
    }));
  }

  #noteDeadLetters(): void {
    for (const message of this.#deadLetters.peek()) {
      if (this.#deadLettered.has(message.id)) continue;
      this.#deadLettered.set(message.id, { ...message });
      this.count("dead-lettered");
      this.tell(`${nameOf(this.deliveryOf(message))} goes to the dead-letter queue`);
      this.#markGone(message);
    }
  }

  #markGone(message: QueuedMessage): void {
    for (const entry of this.sent) if (entry.message.id === message.id) entry.gone = true;
  }
}

/** A delivery in the story. */
export function nameOf({ webhookId, replayId }: Delivery): string {
  return replayId === undefined ? webhookId : `${webhookId} by ${replayId}`;
}
