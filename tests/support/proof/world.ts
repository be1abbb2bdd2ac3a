import type { SQSBatchResponse } from "aws-lambda";
import type { QueuedMessage } from "local-aws";
import { failedMessageIds } from "local-aws";
import type { BreakerState } from "../../../runtime/breaker/state.js";
import type { HistoryStore } from "../../../runtime/history/store.js";
import { definition } from "../processor.js";
import { lambdaContext, sqsEvent, sqsRecord } from "../sqs-events.js";
import { Ledger } from "./ledger.js";
import { givenUpTooSoon, lost, openedTooOften } from "./promises.js";
import { attributesOf } from "./queue-messages.js";
import { randomFrom, type Scenario, startOfRuns, type Weather } from "./scenario.js";
import { currentOwner, SimulatedTime, type TimerOwner } from "./simulated-time.js";
import { type Step, Steps } from "./steps.js";
import { nameOf, Traffic } from "./traffic.js";
import { withoutStackTraces } from "./without-stack-traces.js";
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
  /** When Lambda ends it. */
  readonly endsAt: number;
}

/** Something that may happen next; the heavier, the more often. */
interface Possibility {
  readonly weight: number;
  readonly happen: () => unknown;
}

const timeoutMilliseconds = definition.timeoutSeconds * 1000;

/**
 * Turns after which a pipeline counts as one that never comes to rest. Twenty webhooks whose target hangs in each probe come
 * back some two hundred times each before their tries are used up, which takes 20,000 turns.
 */
const mostTurns = 100_000;

/**
 * The pipeline behind the gateway: senders, queues, event source mapping, and functions that run the real handler code.
 * Everything that anybody waits for is a step, and the scenario's choices say which comes next.
 */
export class World {
  readonly time = new SimulatedTime(startOfRuns);
  readonly steps = new Steps();
  readonly story: string[] = [];
  readonly ledger = new Ledger(
    () => this.time.now,
    (line) => this.story.push(line),
    (what) => this.#count(what),
  );
  readonly traffic: Traffic;
  /** What the table has of targets. */
  readonly breakers = new Map<string, BreakerState>();
  /** How often what happened, by name. */
  readonly happened = new Map<string, number>();
  /** Set when all handlers have been mended. */
  mended = false;

  readonly #workers: readonly Worker[];
  readonly #running = new Map<Worker, Invocation>();

  constructor(readonly options: WorldOptions) {
    const { scenario, run } = options;
    const visibilitySeconds = 6 * definition.timeoutSeconds;
    this.traffic = new Traffic(
      scenario,
      run,
      visibilitySeconds,
      () => this.time.now,
      (line) => this.#tell(line),
      (what) => this.#count(what),
    );
    this.#workers = scenario.clockSkews.map((skew, index) => createWorker(this, skew, randomFrom(index)));
  }

  /** Lives through the scenario's choices, then to the end. */
  live(): Promise<void> {
    return withoutStackTraces(() => this.#live());
  }

  async #live(): Promise<void> {
    for (const choice of this.options.scenario.choices) {
      const random = randomFrom(choice);
      const tickets = this.#possibilities(random).flatMap(({ weight, happen }) =>
        Array.from({ length: weight }, () => happen),
      );
      await tickets[Math.floor(random() * tickets.length)]?.();
      await this.steps.atRest();
      this.#check();
    }
    await this.end();
  }

  /** Goes on to rest, mends what was broken, redrives what was given up, and holds what came of it against the promises. */
  async end(): Promise<void> {
    await this.comeToRest();
    this.ledger.violations.push(...givenUpTooSoon(this));
    this.mended = true;
    for (let round = 0; round < 10 && this.traffic.hasDeadLetters; round++) {
      while (this.traffic.redrive());
      await this.comeToRest();
    }
    this.ledger.checkAtRest();
    this.ledger.violations.push(...lost(this), ...openedTooOften(this));
    this.#check();
  }

  /** Lets everything take its course, without mishaps, until no message can be received any more. */
  async comeToRest(): Promise<void> {
    for (let turn = 0; turn < mostTurns; turn++) {
      await this.steps.atRest();
      const step = this.steps.pending[0];
      if (step !== undefined) this.go(step);
      else if (this.traffic.hasUnsent) this.traffic.sendNext(() => 0);
      else if (this.receive() === undefined && !(await this.#skipToNextEvent())) return;
    }
    this.ledger.violations.push("the pipeline never comes to rest");
  }

  /** Gives a batch to a function that is free; undefined if there is none. */
  receive(random: () => number = () => 0.5): Invocation | undefined {
    const worker = this.#freeWorker();
    const messages = worker === undefined ? [] : this.traffic.receive(random);
    if (worker === undefined || messages.length === 0) return undefined;
    return this.#invoke(worker, messages);
  }

  /**
   * Goes on until somebody waits at such a step, and returns it; throws if nobody ever does.
   *
   * @param by only this invocation goes on; default: whoever can
   */
  async reach(label: string, by?: Invocation): Promise<Step> {
    for (;;) {
      await this.steps.atRest();
      const pending = this.steps.pending.filter((step) => by === undefined || step.by === by);
      const reached = pending.find((step) => step.label === label);
      if (reached !== undefined) return reached;
      const [next] = pending;
      if (next === undefined) throw new Error(`nobody came to ${label}\n${this.story.join("\n")}`);
      this.go(next);
    }
  }

  go(step: Step, how: "once" | "again" = "once"): void {
    this.steps.take(step);
    this.#count(how === "once" ? step.label : `${step.label} lost and repeated`);
    step.go(how);
  }

  fail(step: Step): void {
    this.steps.take(step);
    this.#count(`${step.label} failed`);
    this.#tell(`${step.label} of ${step.webhookId ?? "a message"} fails`);
    step.fail();
  }

  /** Kills a function that is at work; by default the first. */
  die(invocation = [...this.#running.values()][0], why = "it crashed"): void {
    if (invocation === undefined) throw new Error("no function is at work");
    this.#tell(`function ${this.#workers.indexOf(invocation.worker)} dies: ${why}`);
    for (const { label } of this.steps.forget(invocation)) this.#count(`died at ${label}`);
    this.time.clearAll(invocation);
    this.#running.delete(invocation.worker);
    this.ledger.gone(invocation, "the function died");
  }

  /** A handler ends the process that it runs in, whatever that is working on by now. Nothing comes after it. */
  endProcess(): Promise<never> {
    const { worker } = currentOwner() as Invocation;
    const invocation = this.#running.get(worker);
    if (invocation !== undefined) {
      this.#count("ended by a handler");
      this.die(invocation, "a handler ended the process");
    }
    return new Promise(() => {});
  }

  /** A handler keeps its function from doing anything else, until the function's time is up. */
  freeze(): void {
    const invocation = currentOwner() as Invocation;
    this.#count("frozen by a handler");
    this.steps.forget(invocation);
    this.time.clearAll(invocation);
    this.#endInTime(invocation);
  }

  #endInTime(invocation: Invocation): void {
    const left = invocation.endsAt - this.time.now;
    this.time.set(invocation, () => this.die(invocation, "its time was up"), left);
  }

  async pass(milliseconds: number): Promise<void> {
    await this.time.advance(milliseconds, () => this.steps.atRest());
  }

  /** Ids of all webhooks whose signature is good. */
  acceptedWebhooks(): ReadonlySet<string> {
    const { webhooks } = this.options.scenario;
    const accepted = this.traffic.sent.filter(
      ({ delivery }) => webhooks[delivery.webhook]?.behaviour !== "forged",
    );
    return new Set(accepted.map(({ delivery }) => delivery.webhookId));
  }

  /** How often each message of a webhook was delivered. */
  deliveriesOf(webhook: number): number[] {
    const messages = this.traffic.sent.filter(({ delivery }) => delivery.webhook === webhook);
    return messages.map(({ message }) => message.receiveCount);
  }

  /** A FIFO queue's promise: a handler sees a message when all before it in its group have come to their ends. */
  handlerStarts(serial: number): void {
    const { messages } = currentOwner() as Invocation;
    const message = messages.find((each) => this.traffic.deliveryOf(each).serial === serial);
    const { ledger, traffic } = this;
    const overtaken = traffic
      .aheadOf(message)
      .find(({ webhookId }) => !ledger.isDone(webhookId) && !ledger.isGivenUp(webhookId));
    if (overtaken === undefined) return;
    this.ledger.violations.push(`request ${serial} overtakes ${overtaken.webhookId} of its group`);
  }

  #possibilities(random: () => number): readonly Possibility[] {
    const { traffic } = this;
    const { crashes, faults, glitches, operator } = this.options.weather;
    const { fifo } = this.options.scenario;
    const { pending } = this.steps;
    const running = [...this.#running.values()];
    const inFlight = running.flatMap(({ messages }) => messages);
    const failing = pending.filter((step) => this.#mayFail(step));
    const repeatable = pending.filter((step) => step.repeatable);
    const possible: Possibility[] = [];
    const may = (weight: number, happen: () => unknown, condition = true) => {
      if (condition) possible.push({ weight, happen });
    };
    /** Does something with one of several, if there are any. */
    const withOne = <Item>(
      weight: number,
      items: readonly Item[],
      happen: (item: Item) => unknown,
      condition = true,
    ) => {
      const item = items[Math.floor(random() * items.length)];
      if (item !== undefined) may(weight, () => happen(item), condition);
    };

    may(4, () => traffic.sendNext(random), traffic.hasUnsent);
    may(6, () => this.receive(random), this.#freeWorker() !== undefined && traffic.hasVisible);
    withOne(14, pending, (step) => this.go(step));
    withOne(3, [1_000, 5_000, 20_000, 60_000, 200_000], (milliseconds) => this.#passSome(milliseconds));
    withOne(2, failing, (step) => this.fail(step), faults);
    withOne(1, repeatable, (step) => this.go(step, "again"), faults);
    withOne(2, running, (invocation) => this.die(invocation), crashes);
    withOne(1, inFlight, (message) => traffic.showAgain(message), glitches && !fifo);
    withOne(1, traffic.deleted, (message) => traffic.resurrect(message), glitches && !fifo);
    may(1, () => traffic.redrive(), operator && traffic.hasDeadLetters);
    withOne(1, traffic.sent, ({ delivery }) => traffic.replay(delivery, random), operator);
    withOne(1, traffic.sent, ({ delivery }) => traffic.redeliver(delivery), operator);
    return possible;
  }

  #mayFail({ label }: Step): boolean {
    if (label === "handler" || label === "forgotten") return false;
    return !label.startsWith("delete") || this.options.weather.glitches;
  }

  /** Passes time; where functions may not die of it, only as much as leaves each step its turn. */
  async #passSome(milliseconds: number): Promise<void> {
    const { restless, crashes } = this.options.weather;
    if (!restless && (this.#running.size > 0 || this.steps.pending.length > 0)) return;
    const untilTimer = (this.time.nextTimer ?? Number.POSITIVE_INFINITY) - this.time.now;
    const untilStep = this.steps.pending.length > 0 ? untilTimer - 1 : untilTimer;
    await this.pass(Math.max(0, Math.min(milliseconds, crashes ? milliseconds : untilStep)));
  }

  async #skipToNextEvent(): Promise<boolean> {
    const { now, nextTimer = Number.POSITIVE_INFINITY } = this.time;
    // What is visible already waits for a function, or for another of its group, and so for one of these.
    const next = Math.min(nextTimer, this.traffic.nextVisible ?? Number.POSITIVE_INFINITY);
    if (next === Number.POSITIVE_INFINITY) return false;
    await this.pass(next - now);
    return true;
  }

  #invoke(worker: Worker, messages: readonly QueuedMessage[]): Invocation {
    const endsAt = this.time.now + timeoutMilliseconds;
    const invocation: Invocation = { time: this.time, worker, messages, endsAt };
    const names = messages.map(
      (message) => `${nameOf(this.traffic.deliveryOf(message))} (${message.receiveCount})`,
    );
    this.#tell(`function ${this.#workers.indexOf(worker)} gets ${names.join(", ")}`);
    this.#running.set(worker, invocation);
    this.#endInTime(invocation);

    const { fifo } = this.options.scenario;
    const records = messages.map((message) => {
      const { id, body, receiveCount, receiptHandle = "", groupId = "a", sentAt } = message;
      const record = sqsRecord(body, { messageId: id, receiveCount, group: groupId, fifo });
      const attributes = { ...record.attributes, SentTimestamp: String(sentAt) };
      return { ...record, attributes, receiptHandle, messageAttributes: attributesOf(message) };
    });
    const context = lambdaContext(() => endsAt - this.time.now);
    void this.time.run(invocation, async () => {
      this.#answered(invocation, await worker.handler(sqsEvent(...records), context));
    });
    return invocation;
  }

  #answered(invocation: Invocation, response: SQSBatchResponse): void {
    const { messages, worker } = invocation;
    this.#running.delete(worker);
    this.time.clearAll(invocation);
    this.ledger.gone(invocation, "the function had to answer first");
    const failed = failedMessageIds(
      JSON.stringify(response),
      messages.map(({ id }) => id),
    );
    this.#tell(`answered, ${failed.size} of ${messages.length} go back`);
    this.#checkGivenUp(invocation, failed);
    const done = messages.filter(({ id }) => !failed.has(id));
    // The event source mapping is no function: what it does outlives every crash.
    if (done.length > 0) void this.time.run({ time: this.time }, () => this.#delete(done));
  }

  /** What is not tried again waits for nothing, unless the function had no time or no way to say so. */
  #checkGivenUp({ messages, endsAt }: Invocation, failed: ReadonlySet<string>): void {
    const { scenario, weather } = this.options;
    if (weather.faults || endsAt - this.time.now < 1_000) return;
    for (const message of messages) {
      if (!failed.has(message.id) || message.receiveCount < scenario.maxReceiveCount) continue;
      this.#count("given up");
      if (!this.traffic.isHidden(message)) continue;
      const { webhookId } = this.traffic.deliveryOf(message);
      this.ledger.violations.push(`${webhookId} waits for the dead-letter queue after its last delivery`);
    }
  }

  async #delete(messages: readonly QueuedMessage[]): Promise<void> {
    try {
      await this.steps.call("delete", undefined, async () => this.#deleteNow(messages));
    } catch {
      this.#tell("a delete failed");
    }
  }

  /** A function deletes what it is done with, before its answer. */
  deleteEarly(receiptHandles: readonly string[]): void {
    const { messages } = currentOwner() as Invocation;
    this.#deleteNow(messages.filter(({ receiptHandle = "" }) => receiptHandles.includes(receiptHandle)));
  }

  #deleteNow(messages: readonly QueuedMessage[]): void {
    for (const message of messages) {
      if (!this.traffic.hasCopyOf(message)) this.ledger.deleted(this.traffic.deliveryOf(message));
      this.traffic.delete(message);
    }
  }

  #check(): void {
    const [first] = this.ledger.violations;
    if (first !== undefined) throw new Error(`${first}\n${this.story.join("\n")}`);
  }

  #freeWorker(): Worker | undefined {
    return this.#workers.find((worker) => !this.#running.has(worker));
  }

  #tell(line: string): void {
    this.story.push(`${((this.time.now - startOfRuns) / 1000).toFixed(1)} s: ${line}`);
  }

  #count(what: string): void {
    this.happened.set(what, (this.happened.get(what) ?? 0) + 1);
  }
}
