import { Queue, type QueuedMessage } from "local-aws";
import type { MessageAgain } from "../../../../runtime/batch/held-message.js";
import type { BatchHandler } from "../../../../runtime/handler.js";
import type { OutgoingMessage } from "../../../../runtime/subscribers/sender.js";
import { heldMessage } from "../queue-messages.js";
import type { FanOutScenario } from "./scenario.js";

/** A queue with its dead-letter queue and the functions that may work on it. */
export class Lane {
  readonly handlers: BatchHandler[] = [];
  /** Everything that was ever put into the queue, in its order. */
  readonly sent: QueuedMessage[] = [];
  readonly deleted: QueuedMessage[] = [];
  /** Ids of messages that were given up. */
  readonly #deadLettered = new Set<string>();
  readonly #queue: Queue;
  readonly #deadLetters: Queue;

  /** @param name of the subscriber; the source's own lane is called by its name */
  constructor(
    readonly name: string,
    private readonly scenario: FanOutScenario,
    private readonly visibilitySeconds: number,
    private readonly clock: () => number,
  ) {
    const { fifo, maxReceiveCount } = scenario;
    const settings = {
      url: this.url,
      fifo,
      visibilityTimeoutSeconds: visibilitySeconds,
      delaySeconds: 0,
      maximumMessageBytes: 1_048_576,
      retentionSeconds: 14 * 86_400,
      receiveWaitSeconds: 0,
      contentBasedDeduplication: false,
      deduplicatesByGroup: true,
    };
    const [arn, deadLetterTargetArn] = [
      `arn:aws:sqs:eu-west-1:1:${name}`,
      `arn:aws:sqs:eu-west-1:1:${name}-dead`,
    ];
    const redrive = { deadLetterTargetArn, maxReceiveCount };
    this.#queue = new Queue({ ...settings, name, arn, redrive }, undefined, clock);
    this.#deadLetters = new Queue(
      { ...settings, name: `${name}-dead`, arn: deadLetterTargetArn },
      undefined,
      clock,
    );
  }

  get url(): string {
    return `https://sqs.example/1/${this.name}${this.scenario.fifo ? ".fifo" : ""}`;
  }

  get hasVisible(): boolean {
    return this.#queue.counts().visible > 0;
  }

  get deadLetters(): readonly QueuedMessage[] {
    return this.#deadLetters.peek();
  }

  get isEmpty(): boolean {
    return this.#queue.peek().length === 0 && this.deadLetters.length === 0;
  }

  get nextVisible(): number | undefined {
    const times = this.#queue
      .peek()
      .flatMap(({ visibleAt }) => (visibleAt > this.clock() ? [visibleAt] : []));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** On a standard queue not in the order of sending. */
  put({ body, groupId, deduplicationId }: OutgoingMessage, random: () => number): void {
    const { fifo } = this.scenario;
    const message = this.#queue.send({
      body,
      attributes: {},
      groupId,
      ...(fifo ? { deduplicationId } : { delaySeconds: Math.floor(random() * 5) }),
    });
    // A repetition that SQS recognises has the first one's id.
    if (!this.sent.some(({ id }) => id === message.id)) this.sent.push(message);
  }

  /** A function sends a webhook that has to wait to its queue again. */
  sendAgain(message: MessageAgain): void {
    this.sent.push(this.#queue.send(heldMessage(message)));
  }

  /** Whether another message carries the same webhook. */
  hasCopyOf({ id, body }: QueuedMessage): boolean {
    return [...this.#queue.peek(), ...this.deadLetters].some((each) => each.id !== id && each.body === body);
  }

  receive(random: () => number): QueuedMessage[] {
    const { batchSize, fifo } = this.scenario;
    const messages = this.#queue.receive(batchSize, this.visibilitySeconds, this.#deadLetters);
    for (const { id } of this.deadLetters) this.#deadLettered.add(id);
    if (!fifo) messages.sort(() => random() - 0.5);
    return messages.map((message) => ({ ...message }));
  }

  delete(message: QueuedMessage): void {
    try {
      this.#queue.delete(message.receiptHandle ?? "");
    } catch {
      return;
    }
    if (!this.#queue.peek().some(({ id }) => id === message.id)) this.deleted.push(message);
  }

  changeVisibility(receiptHandle: string, seconds: number): void {
    this.#queue.changeVisibility(receiptHandle, seconds);
  }

  /** A standard queue may deliver a message that is in flight. */
  showAgain({ id }: QueuedMessage): void {
    const current = this.#queue.peek().find((message) => message.id === id);
    if (current?.receiptHandle === undefined || current.visibleAt <= this.clock()) return;
    this.#queue.changeVisibility(current.receiptHandle, 0);
  }

  /** A standard queue may deliver a message that was deleted. */
  resurrect(message: QueuedMessage): void {
    if ([...this.#queue.peek(), ...this.deadLetters].some(({ id }) => id === message.id)) return;
    this.#queue.putBack({ ...message, visibleAt: this.clock() });
  }

  /** Sends one message out of the dead-letter queue back, as a new one. */
  redrive(random: () => number): boolean {
    const message = this.#deadLetters.nextVisible();
    if (message === undefined) return false;
    this.#deadLetters.remove(message);
    const { body, groupId = "" } = message;
    this.put({ body, groupId, deduplicationId: `redriven-${this.sent.length}` }, random);
    return true;
  }

  /** Whether the queue gave a message up, or will without another try. */
  gaveUp({ id }: QueuedMessage): boolean {
    const current = this.#queue.peek().find((message) => message.id === id);
    return this.#deadLettered.has(id) || (current?.receiveCount ?? 0) >= this.scenario.maxReceiveCount;
  }

  /** Messages that were given up at least once. */
  givenUp(): QueuedMessage[] {
    return this.sent.filter(({ id }) => this.#deadLettered.has(id));
  }
}
