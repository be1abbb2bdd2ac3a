import { failedMessageIds, type QueuedMessage } from "local-aws";
import type { Dependencies } from "../../../../runtime/dependencies.js";
import { type BatchHandler, createHandler } from "../../../../runtime/handler.js";
import { historyOver } from "../../../../runtime/history/history.js";
import { type HistoryAttributes, historyAttributes as names } from "../../../../runtime/history/item.js";
import type { HistoryStore } from "../../../../runtime/history/store.js";
import type { WebhookHandler } from "../../../../runtime/routing/webhook-handler.js";
import type { SendMessages } from "../../../../runtime/subscribers/sender.js";
import { noSigningKeys } from "../../no-signing-keys.js";
import { githubSecret, definition as stage } from "../../processor.js";
import { lambdaContext, sqsEvent, sqsRecord } from "../../sqs-events.js";
import { Ledger } from "../ledger.js";
import { createMemoryStore } from "../memory-store.js";
import { randomFrom, startOfRuns } from "../scenario.js";
import { currentOwner, microtasksDone, SimulatedTime, type TimerOwner } from "../simulated-time.js";
import { Lane } from "./lane.js";
import { requestOf } from "./scenario.js";

/** What a subscriber does with its webhooks. */
export type LoadBehaviour =
  | "healthy"
  /** Fails on every try. */
  | "down"
  /** Takes five seconds for each. */
  | "slow"
  /** Ends its function at one in twenty. */
  | "crashing";

export interface Load {
  readonly webhooks: number;
  readonly subscribers: readonly LoadBehaviour[];
  readonly maxReceiveCount: number;
  /** The share of invocations that die at some call to AWS, before or after it took effect. */
  readonly killed: number;
  readonly seed: number;
}

interface Invocation extends TimerOwner {
  readonly lane: Lane;
  readonly messages: readonly QueuedMessage[];
  /** Calls to AWS until it is killed. */
  callsLeft: number;
  dead: boolean;
}

const timeoutMilliseconds = stage.timeoutSeconds * 1000;
const source = "github";
/** Functions that a lane runs at a time. */
const mostFunctions = 4;
/** Webhooks that come in between two looks at the queues. */
const atOnce = 50;

/**
 * A source with many subscribers under load: the real functions on queues and a table in memory, in simulated time. Some
 * functions die at random.
 */
export class LoadWorld {
  readonly time = new SimulatedTime(startOfRuns);
  readonly items = new Map<string, HistoryAttributes>();
  readonly ledger = new Ledger(
    () => this.time.now,
    () => {},
    () => {},
  );
  readonly source: Lane;
  readonly subscribers: readonly Lane[];
  kills = 0;
  requestsToSqs = 0;
  readonly #handlers = new Map<Lane, BatchHandler>();
  readonly #running = new Map<Lane, Set<Invocation>>();
  readonly #random: () => number;
  readonly #group = { group: "a" };

  constructor(readonly load: Load) {
    const { subscribers, maxReceiveCount } = load;
    this.#random = randomFrom(load.seed);
    const scenario = {
      fifo: false,
      maxReceiveCount,
      batchSize: 10,
      clockSkews: [0],
      subscribers: [],
      webhooks: [],
      choices: [],
    };
    const lane = (name: string) => new Lane(name, scenario, 6 * stage.timeoutSeconds, () => this.time.now);
    this.source = lane(source);
    this.subscribers = subscribers.map((behaviour, index) => lane(`${behaviour}-${index}`));
    const names = this.subscribers.map(({ name }) => name);
    const own = stage.sources
      .filter(({ name }) => name === source)
      .map((each) => ({ ...each, subscribers: names }));
    const subscriberQueues = Object.fromEntries(
      this.subscribers.map(({ name, url }) => [`${source}.${name}`, url]),
    );
    const dependencies = this.#dependencies();
    this.#handlers.set(
      this.source,
      createHandler(
        { ...stage, maxReceiveCount, sources: own, subscriberQueues },
        {},
        dependencies(this.source),
      ),
    );
    for (const [index, each] of this.subscribers.entries()) {
      const { name } = each;
      const about = {
        name: `${source}.${name}`,
        source,
        signature: { kind: "none" },
        target: { handler: name },
      } as const;
      this.#handlers.set(
        each,
        createHandler(
          { ...stage, maxReceiveCount, sources: [], subscribers: [about] },
          { [name]: this.#handlerOf(subscribers[index] ?? "healthy") },
          dependencies(each),
        ),
      );
    }
  }

  /** Sends everything, and goes on until every message is done or given up. */
  async run(): Promise<this> {
    let sent = 0;
    for (;;) {
      for (let index = 0; index < atOnce && sent < this.load.webhooks; index++) this.#send(sent++);
      const started = this.#lanes.filter((lane) => this.#receive(lane)).length;
      await microtasksDone();
      if (started > 0 || sent < this.load.webhooks) {
        // What is collected for a few milliseconds leaves.
        await this.time.advance(10, microtasksDone);
        continue;
      }
      const times = this.#lanes.flatMap(({ nextVisible }) => nextVisible ?? []);
      const next = Math.min(this.time.nextTimer ?? Number.POSITIVE_INFINITY, ...times);
      if (next === Number.POSITIVE_INFINITY) return this;
      await this.time.advance(Math.max(1_000, next - this.time.now), microtasksDone);
    }
  }

  webhookId(lane: Lane, webhook: number): string {
    return `${source}.${lane.name}/event-${webhook}`;
  }

  statusOf(webhookId: string): string | undefined {
    return this.items.get(webhookId)?.[names.status]?.S;
  }

  get #lanes(): Lane[] {
    return [this.source, ...this.subscribers];
  }

  #send(webhook: number): void {
    const requestId = `request-${webhook}`;
    const { body } = requestOf(webhook, { ...this.#group, requestId, receivedAt: this.time.now });
    this.source.put({ body, groupId: source }, () => 0);
  }

  #receive(lane: Lane): boolean {
    const running = this.#running.get(lane) ?? new Set();
    this.#running.set(lane, running);
    let started = false;
    while (running.size < mostFunctions && lane.hasVisible) {
      const messages = lane.receive(this.#random);
      if (messages.length === 0) break;
      started = true;
      this.#invoke(lane, messages, running);
    }
    return started;
  }

  #invoke(lane: Lane, messages: readonly QueuedMessage[], running: Set<Invocation>): void {
    const isKilled = this.#random() < this.load.killed;
    const callsLeft = isKilled ? 1 + Math.floor(this.#random() * 30) : Number.POSITIVE_INFINITY;
    const invocation: Invocation = { time: this.time, lane, messages, callsLeft, dead: false };
    running.add(invocation);
    const endsAt = this.time.now + timeoutMilliseconds;
    this.time.set(invocation, () => this.#die(invocation), timeoutMilliseconds);
    const records = messages.map(({ id, body, receiveCount, receiptHandle = "", groupId = "a" }) => ({
      ...sqsRecord(body, { messageId: id, receiveCount, group: groupId }),
      receiptHandle,
    }));
    const context = lambdaContext(() => endsAt - this.time.now);
    void this.time.run(invocation, async () => {
      const response = await this.#handlers.get(lane)?.(sqsEvent(...records), context);
      running.delete(invocation);
      this.time.clearAll(invocation);
      this.ledger.gone(invocation, "the function had to answer first");
      const ids = messages.map(({ id }) => id);
      const failed = failedMessageIds(JSON.stringify(response), ids);
      for (const message of messages) if (!failed.has(message.id)) lane.delete(message);
    });
  }

  #die(invocation: Invocation): void {
    if (invocation.dead) return;
    invocation.dead = true;
    this.kills += 1;
    this.time.clearAll(invocation);
    this.#running.get(invocation.lane)?.delete(invocation);
    this.ledger.gone(invocation, "the function died");
  }

  /** A call to AWS, at which its function may die before or after it takes effect. */
  async #call<T>(work: () => Promise<T>): Promise<T> {
    const invocation = currentOwner() as Invocation;
    const dies = !invocation.dead && --invocation.callsLeft <= 0;
    const isBefore = dies && this.#random() < 0.5;
    if (invocation.dead || isBefore) {
      this.#die(invocation);
      return new Promise(() => {});
    }
    const result = await work();
    if (!dies) return result;
    this.#die(invocation);
    return new Promise(() => {});
  }

  #dependencies(): (lane: Lane) => Dependencies {
    const clock = () => this.time.now;
    const memory = createMemoryStore(this.items, clock);
    const sendMessages: SendMessages = (queueUrl, messages) =>
      this.#call(async () => {
        this.requestsToSqs += 1;
        const to = this.subscribers.find(({ url }) => url === queueUrl);
        for (const message of messages) to?.put(message, () => 0);
        return new Map();
      });
    const calling = (store: HistoryStore): HistoryStore => ({
      putIfAbsent: (item) => this.#call(() => store.putIfAbsent(item)),
      updateIfUnchanged: (...change) => this.#call(() => store.updateIfUnchanged(...change)),
    });
    return (lane) => ({
      history: historyOver(calling(lane === this.source ? memory : this.ledger.watch(memory)), {
        timeoutSeconds: stage.timeoutSeconds,
        ttlDays: stage.historyTtlDays,
        clock,
      }),
      secrets: { of: async () => [githubSecret], newerThan: async () => undefined },
      signingKeys: noSigningKeys,
      changeVisibility: (receiptHandle, seconds) =>
        this.#call(async () => lane.changeVisibility(receiptHandle, seconds)),
      deleteMessages: (receiptHandles) =>
        this.#call(async () => {
          const { messages } = currentOwner() as Invocation;
          const done = messages.filter(({ receiptHandle = "" }) => receiptHandles.includes(receiptHandle));
          for (const message of done) lane.delete(message);
        }),
      sendMessages,
      clock,
      random: this.#random,
      writeLine: () => {},
      logLevel: "ERROR",
    });
  }

  #handlerOf(behaviour: LoadBehaviour): WebhookHandler {
    const { ledger } = this;
    return async (webhook, { signal }) => {
      const invocation = currentOwner() as Invocation;
      // Nothing comes after the end of a process.
      if (invocation.dead) await new Promise(() => {});
      const run = { webhookId: webhook.id, attempt: webhook.attempt, by: invocation };
      ledger.started(run);
      try {
        if (behaviour === "slow") await waited(5_000, signal);
        if (behaviour === "down") throw new Error("down");
        if (behaviour === "crashing" && this.#random() < 0.05) {
          this.#die(invocation);
        }
        if (invocation.dead) await new Promise(() => {});
      } catch (error) {
        ledger.threw(run);
        throw error;
      }
      ledger.completed(run);
    };
  }
}

function waited(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => reject(new Error("out of time")), { once: true });
  });
}
