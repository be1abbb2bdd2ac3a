import type { SQSBatchResponse } from "aws-lambda";
import { Queue, type QueuedMessage } from "../../../local/cloud/sqs/queue.js";
import { failedMessageIds } from "../../../local/lambda/batch-response.js";
import type { HistoryStore } from "../../../runtime/history-store.js";
import { definition } from "../processor.js";
import { lambdaContext, sqsEvent, sqsRecord } from "../sqs-events.js";
import { Ledger } from "./ledger.js";
import {
  type Delivery,
  deliveryOf,
  randomFrom,
  type Scenario,
  startOfRuns,
  type Weather,
} from "./scenario.js";
import { currentOwner, SimulatedTime, type TimerOwner } from "./simulated-time.js";
import { type Step, Steps } from "./steps.js";
import { createWorker, type Sabotage, type Worker } from "./worker.js";

/** Makes the table's client for a function whose clock this is; `beforeRead` is given for bare refusals. */
export type StoreFactory = (clock: () => number, beforeRead?: () => Promise<void>) => HistoryStore;

export interface WorldOptions {
  readonly scenario: Scenario;
  readonly weather: Weather;
  /** Tells the webhooks of this run from those of others in the same table. */
  readonly run: string;
  readonly createStore: StoreFactory;
  /** Breaks the code under test, to see that somebody notices. */
  readonly sabotage?: Sabotage;
}

/** One invocation of the function. */
export interface Invocation extends TimerOwner {
  readonly worker: Worker;
  readonly messages: readonly QueuedMessage[];
  readonly endsAt: number;
}

const timeoutMilliseconds = definition.timeoutSeconds * 1000;
const visibilitySeconds = 6 * definition.timeoutSeconds;

/**
 * The pipeline behind the gateway: senders, the queues of `local/cloud/sqs` on a clock of their own, event source mapping,
 * and functions that run the real handler code. Everything that anybody waits for is a step, and the scenario's choices say
 * which comes next.
 */
export class World {
  readonly time = new SimulatedTime(startOfRuns);
  readonly steps = new Steps();
  readonly story: string[] = [];
  readonly ledger = new Ledger((line) => this.story.push(line));
  /** How often what happened, by name. */
  readonly happened = new Map<string, number>();
  /** Set when all handlers have been mended. */
  mended = false;

  readonly #queue: Queue;
  readonly #deadLetters: Queue;
  readonly #workers: readonly Worker[];
  readonly #running = new Map<Worker, Invocation>();
  readonly #unsent: Delivery[];
  readonly #byBody = new Map<string, Delivery>();
  /** Messages in the order of their sending, those of a FIFO queue's group being owed to keep it. */
  readonly #sent: { readonly message: QueuedMessage; readonly delivery: Delivery; gone: boolean }[] = [];
  readonly #deleted: QueuedMessage[] = [];
  readonly #deadLettered = new Map<string, QueuedMessage>();
  #serial = 0;
  #replays = 0;

  constructor(readonly options: WorldOptions) {
    const { fifo, maxReceiveCount, clockSkews, webhooks } = options.scenario;
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
    const clock = () => this.time.now;
    const deadLetterTargetArn = "arn:aws:sqs:eu-west-1:1:dead";
    this.#queue = new Queue(
      {
        ...settings,
        name: "q",
        arn: "arn:aws:sqs:eu-west-1:1:q",
        redrive: { deadLetterTargetArn, maxReceiveCount },
      },
      undefined,
      clock,
    );
    this.#deadLetters = new Queue({ ...settings, name: "dead", arn: deadLetterTargetArn }, undefined, clock);
    this.#workers = clockSkews.map((skew, index) => createWorker(this, skew, randomFrom(index)));
    this.#unsent = webhooks.flatMap((plan, webhook) =>
      Array.from({ length: plan.copies }, () =>
        deliveryOf(options.run, webhook, plan, { serial: this.#serial++ }),
      ),
    );
  }

  /** Lives through the scenario, then on to rest, then mends what was broken and redrives what was given up. */
  async live(): Promise<void> {
    for (const choice of this.options.scenario.choices) {
      await this.#live(randomFrom(choice));
      this.#check();
    }
    await this.#comeToRest();
    this.#checkDeadLetters();
    this.mended = true;
    for (let round = 0; round < 10 && this.#deadLetters.peek().length > 0; round++) {
      while (this.#redrive());
      await this.#comeToRest();
    }
    this.ledger.checkAtRest();
    this.#checkNothingIsLost();
    this.#checkReplays();
    this.#check();
  }

  /** Counts something for the statistics, and tells it. */
  count(what: string): void {
    this.happened.set(what, (this.happened.get(what) ?? 0) + 1);
  }

  deadLetteredDeliveries(): { readonly delivery: Delivery; readonly receiveCount: number }[] {
    return [...this.#deadLettered.values()].map((message) => ({
      delivery: this.#deliveryOf(message),
      receiveCount: message.receiveCount,
    }));
  }

  /** Ids of all webhooks whose signature is good. */
  acceptedWebhooks(): ReadonlySet<string> {
    const { webhooks } = this.options.scenario;
    const accepted = this.#sent.filter(({ delivery }) => webhooks[delivery.webhook]?.behaviour !== "forged");
    return new Set(accepted.map(({ delivery }) => delivery.webhookId));
  }

  /** How often each message of a webhook was delivered. */
  deliveriesOf(webhook: number): number[] {
    const messages = this.#sent.filter(({ delivery }) => delivery.webhook === webhook);
    return messages.map(({ message }) => message.receiveCount);
  }

  /** A FIFO queue's promise: a handler sees a message when all before it in its group have come to their ends. */
  handlerStarts(serial: number): void {
    if (!this.options.scenario.fifo) return;
    const { messages } = currentOwner() as Invocation;
    const message = messages.find((each) => this.#deliveryOf(each).serial === serial);
    const index = this.#sent.findIndex((entry) => entry.message.id === message?.id);
    const own = this.#sent[index];
    for (const earlier of this.#sent.slice(0, index)) {
      const over = earlier.gone || this.ledger.isDone(earlier.delivery.webhookId);
      const sameGroup = earlier.message.groupId === own?.message.groupId;
      if (sameGroup && !over && earlier.delivery.webhookId !== own?.delivery.webhookId) {
        this.ledger.violations.push(
          `${own?.delivery.webhookId} overtakes ${earlier.delivery.webhookId} of its group`,
        );
      }
    }
  }

  changeVisibility(receiptHandle: string, seconds: number): void {
    this.#queue.changeVisibility(receiptHandle, seconds);
  }

  async #live(random: () => number): Promise<void> {
    const possible = this.#possibilities(random);
    const tickets = possible.flatMap(({ weight, happen }) => Array.from({ length: weight }, () => happen));
    await tickets[Math.floor(random() * tickets.length)]?.();
    await this.steps.atRest();
  }

  #possibilities(random: () => number): { readonly weight: number; readonly happen: () => unknown }[] {
    const { crashes, faults, glitches, operator } = this.options.weather;
    const one = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
    const possible: { weight: number; happen: () => unknown }[] = [];
    const may = (weight: number, condition: boolean, happen: () => unknown) => {
      if (condition) possible.push({ weight, happen });
    };
    const { pending } = this.steps;
    const failing = pending.filter((step) => this.#mayFail(step));
    const repeatable = pending.filter((step) => step.repeatable);
    const inFlight = [...this.#running.values()].flatMap(({ messages }) => messages);
    const { fifo } = this.options.scenario;

    may(4, this.#unsent.length > 0, () => this.#send(this.#unsent.shift() as Delivery, random));
    may(6, this.#freeWorker() !== undefined && this.#queue.counts().visible > 0, () => this.#poll(random));
    may(14, pending.length > 0, () => this.#go(one(pending)));
    may(3, true, () => this.#pass(one([1_000, 5_000, 20_000, 60_000, 200_000])));
    may(2, faults && failing.length > 0, () => this.#fail(one(failing)));
    may(1, faults && repeatable.length > 0, () => this.#go(one(repeatable), "again"));
    may(2, crashes && this.#running.size > 0, () =>
      this.#die(one([...this.#running.values()]), "it crashed"),
    );
    may(1, glitches && !fifo && inFlight.length > 0, () => this.#showAgain(one(inFlight)));
    may(1, glitches && !fifo && this.#deleted.length > 0, () => this.#resurrect(one(this.#deleted)));
    may(1, operator && this.#deadLetters.peek().length > 0, () => this.#redrive());
    may(1, operator && this.#sent.length > 0, () => this.#replay(one(this.#sent).delivery, random));
    return possible;
  }

  #mayFail({ label, webhookId, by }: Step): boolean {
    if (label === "handler") return false;
    if (label === "delete request" || label === "delete answer") return this.options.weather.glitches;
    const endOfCompleted = label === "finish request" && this.ledger.hasCompleted(webhookId ?? "", by);
    return !endOfCompleted || this.options.weather.lostEnds;
  }

  #send(delivery: Delivery, random: () => number): void {
    const { fifo, webhooks } = this.options.scenario;
    this.#byBody.set(delivery.body, delivery);
    const message = this.#queue.send({
      body: delivery.body,
      attributes: {},
      groupId: webhooks[delivery.webhook]?.group ?? "a",
      // Not in the order of sending, as a standard queue may.
      ...(fifo ? { deduplicationId: `${this.#sent.length}` } : { delaySeconds: Math.floor(random() * 20) }),
    });
    this.#sent.push({ message, delivery, gone: false });
    this.story.push(`${this.#clock()} sent ${this.#name(delivery)}`);
  }

  #poll(random: () => number): boolean {
    const worker = this.#freeWorker();
    if (worker === undefined) return false;
    const { batchSize, fifo } = this.options.scenario;
    const messages = this.#queue.receive(batchSize, visibilitySeconds, this.#deadLetters);
    this.#noteDeadLetters();
    if (messages.length === 0) return false;
    if (!fifo) messages.sort(() => random() - 0.5);
    this.#invoke(worker, messages);
    return true;
  }

  #invoke(worker: Worker, received: readonly QueuedMessage[]): void {
    // The queue goes on changing its own; a record is what it was when it was received.
    const messages = received.map((message) => ({ ...message }));
    const endsAt = this.time.now + timeoutMilliseconds;
    const invocation: Invocation = { time: this.time, worker, messages, endsAt };
    const names = messages.map(
      (message) => `${this.#name(this.#deliveryOf(message))} (${message.receiveCount})`,
    );
    this.story.push(`${this.#clock()} function ${this.#workers.indexOf(worker)} gets ${names.join(", ")}`);
    this.#running.set(worker, invocation);
    this.time.set(invocation, () => this.#die(invocation, "its time was up"), timeoutMilliseconds);

    const { fifo } = this.options.scenario;
    const records = messages.map((message) => ({
      ...sqsRecord(message.body, {
        messageId: message.id,
        receiveCount: message.receiveCount,
        group: message.groupId ?? "a",
        fifo,
      }),
      receiptHandle: message.receiptHandle ?? "",
    }));
    const context = lambdaContext(() => endsAt - this.time.now);
    void this.time.run(invocation, async () => {
      const response = await worker.handler(sqsEvent(...records), context);
      this.#answered(invocation, response);
    });
  }

  #answered(invocation: Invocation, response: SQSBatchResponse): void {
    const { messages, worker } = invocation;
    this.#running.delete(worker);
    this.time.clearAll(invocation);
    this.ledger.gone(invocation, "the function had to answer first");
    const ids = messages.map(({ id }) => id);
    const failed = failedMessageIds(JSON.stringify(response), ids);
    this.story.push(`${this.#clock()} answered, ${failed.size} of ${ids.length} go back`);
    const done = messages.filter(({ id }) => !failed.has(id));
    // The event source mapping is no function: what it does outlives every crash.
    if (done.length > 0) void this.time.run({ time: this.time }, () => this.#deleteAll(done));
  }

  async #deleteAll(messages: readonly QueuedMessage[]): Promise<void> {
    try {
      await this.steps.call("delete", undefined, async () => {
        for (const message of messages) this.#delete(message);
      });
    } catch {
      this.story.push(`${this.#clock()} a delete failed`);
    }
  }

  #delete(message: QueuedMessage): void {
    const delivery = this.#deliveryOf(message);
    this.ledger.deleted(delivery.webhookId, delivery.replayId);
    try {
      this.#queue.delete(message.receiptHandle ?? "");
    } catch {
      // A FIFO queue refuses a handle that has ended; the message comes again.
      return;
    }
    if (this.#queue.peek().some(({ id }) => id === message.id)) return;
    this.#deleted.push(message);
    this.#markGone(message);
  }

  #die(invocation: Invocation, why: string): void {
    this.story.push(`${this.#clock()} function ${this.#workers.indexOf(invocation.worker)} dies: ${why}`);
    for (const { label } of this.steps.forget(invocation)) this.count(`died at ${label}`);
    this.time.clearAll(invocation);
    this.#running.delete(invocation.worker);
    this.ledger.gone(invocation, "the function died");
  }

  #go(step: Step, how: "once" | "again" = "once"): void {
    this.steps.take(step);
    this.count(how === "once" ? `${step.label}` : `${step.label} lost and repeated`);
    step.go(how);
  }

  #fail(step: Step): void {
    this.steps.take(step);
    this.count(`${step.label} failed`);
    this.story.push(`${this.#clock()} ${step.label} of ${step.webhookId ?? "a message"} fails`);
    if (step.label === "finish request")
      this.ledger.endUnwritten(step.webhookId ?? "", step.by, "the write failed");
    step.fail();
  }

  /** Passes time; where functions may not die of it, only as much as leaves each step its turn. */
  async #pass(milliseconds: number): Promise<void> {
    const { restless, crashes } = this.options.weather;
    if (!restless && (this.#running.size > 0 || this.steps.pending.length > 0)) return;
    const next = this.time.nextTimer;
    const untilTimer = next === undefined ? Number.POSITIVE_INFINITY : next - this.time.now;
    const most = crashes ? milliseconds : this.steps.pending.length > 0 ? untilTimer - 1 : untilTimer;
    await this.time.advance(Math.max(0, Math.min(milliseconds, most)), () => this.steps.atRest());
  }

  #showAgain(message: QueuedMessage): void {
    const current = this.#queue.peek().find(({ id }) => id === message.id);
    if (current?.receiptHandle === undefined || current.visibleAt <= this.time.now) return;
    this.count("shown again while in flight");
    this.#queue.changeVisibility(current.receiptHandle, 0);
  }

  #resurrect(message: QueuedMessage): void {
    if (this.#queue.peek().some(({ id }) => id === message.id)) return;
    if (this.#deadLetters.peek().some(({ id }) => id === message.id)) return;
    this.count("delivered after its delete");
    this.#queue.putBack({ ...message, visibleAt: this.time.now });
  }

  #redrive(): boolean {
    const message = this.#deadLetters.takeVisible();
    if (message === undefined) return false;
    this.count("redriven");
    this.#send(this.#deliveryOf(message), () => 0);
    return true;
  }

  #replay(original: Delivery, random: () => number): void {
    const plan = this.options.scenario.webhooks[original.webhook];
    if (plan === undefined || plan.behaviour === "forged") return;
    const earlier = [...this.#byBody.values()].filter(({ replayId }) => replayId !== undefined);
    const repeated = random() < 0.4 ? earlier[Math.floor(random() * earlier.length)] : undefined;
    this.count(repeated === undefined ? "replayed" : "replay sent twice");
    const serial = this.#serial++;
    const replayId = `replay-${++this.#replays}`;
    this.#send(
      repeated ?? deliveryOf(this.options.run, original.webhook, plan, { serial, replayId }),
      () => 0,
    );
  }

  /** Lets everything take its course, without further mishaps, until the queue is empty. */
  async #comeToRest(): Promise<void> {
    for (let turn = 0; turn < 20_000; turn++) {
      const step = this.steps.pending[0];
      const delivery = this.#unsent[0];
      if (step !== undefined) this.#go(step);
      else if (delivery !== undefined) this.#send(this.#unsent.shift() as Delivery, () => 0);
      else if (!this.#poll(() => 0.5) && !(await this.#skipToNextEvent())) return;
      await this.steps.atRest();
    }
    this.ledger.violations.push("the pipeline never comes to rest");
  }

  async #skipToNextEvent(): Promise<boolean> {
    const { now, nextTimer = Number.POSITIVE_INFINITY } = this.time;
    // What is visible already waits for a function, or for another of its group, and so for one of these.
    const visible = this.#queue.peek().flatMap(({ visibleAt }) => (visibleAt > now ? [visibleAt] : []));
    const next = Math.min(nextTimer, ...visible);
    if (next === Number.POSITIVE_INFINITY) return false;
    await this.time.advance(next - now, () => this.steps.atRest());
    return true;
  }

  #noteDeadLetters(): void {
    for (const message of this.#deadLetters.peek()) {
      if (this.#deadLettered.has(message.id)) continue;
      this.#deadLettered.set(message.id, { ...message });
      this.count("dead-lettered");
      this.story.push(
        `${this.#clock()} ${this.#name(this.#deliveryOf(message))} goes to the dead-letter queue`,
      );
      this.#markGone(message);
    }
  }

  #markGone(message: QueuedMessage): void {
    for (const entry of this.#sent) if (entry.message.id === message.id) entry.gone = true;
  }

  #checkDeadLetters(): void {
    const { maxReceiveCount } = this.options.scenario;
    for (const { delivery, receiveCount } of this.deadLetteredDeliveries()) {
      if (receiveCount === maxReceiveCount) continue;
      this.ledger.violations.push(
        `${delivery.webhookId} was given up after ${receiveCount} of ${maxReceiveCount} deliveries`,
      );
    }
  }

  #checkNothingIsLost(): void {
    const left = [...this.#queue.peek(), ...this.#deadLetters.peek()];
    if (left.length > 0) this.ledger.violations.push(`${left.length} mended messages never end`);
    for (const { delivery } of this.#sent) {
      if (!this.ledger.isDone(delivery.webhookId)) {
        this.ledger.violations.push(`${delivery.webhookId} is lost: no message and no end of it is left`);
      }
    }
  }

  /** A webhook is opened once by its senders, and once more by each replay at most. */
  #checkReplays(): void {
    for (const webhookId of this.acceptedWebhooks()) {
      const own = this.#sent.filter(({ delivery }) => delivery.webhookId === webhookId);
      const replays = new Set(own.flatMap(({ delivery }) => delivery.replayId ?? []));
      const openings = this.ledger.openingsOf(webhookId);
      if (openings <= 1 + replays.size) continue;
      this.ledger.violations.push(`${webhookId} was opened ${openings} times, with ${replays.size} replays`);
    }
  }

  #check(): void {
    const [first] = this.ledger.violations;
    if (first === undefined) return;
    throw new Error(`${first}\n${this.story.join("\n")}`);
  }

  #freeWorker(): Worker | undefined {
    return this.#workers.find((worker) => !this.#running.has(worker));
  }

  #deliveryOf({ body }: QueuedMessage): Delivery {
    const delivery = this.#byBody.get(body);
    if (delivery === undefined) throw new Error("a message that nobody sent");
    return delivery;
  }

  #name({ webhookId, replayId }: Delivery): string {
    return replayId === undefined ? webhookId : `${webhookId} by ${replayId}`;
  }

  #clock(): string {
    return `${((this.time.now - startOfRuns) / 1000).toFixed(1)} s:`;
  }
}
