import type { SQSBatchResponse } from "aws-lambda";
import { failedMessageIds, type QueuedMessage } from "local-aws";
import type { MessageAgain } from "../../../../runtime/batch/held-message.js";
import type { SendAgain } from "../../../../runtime/batch/hold.js";
import type { BreakerState } from "../../../../runtime/breaker/state.js";
import type { Dependencies } from "../../../../runtime/dependencies.js";
import { type BundledDefinition, createHandler } from "../../../../runtime/handler.js";
import { historyOver } from "../../../../runtime/history/history.js";
import { type HistoryAttributes, historyAttributes as names } from "../../../../runtime/history/item.js";
import type { HistoryStore } from "../../../../runtime/history/store.js";
import type { WebhookHandler } from "../../../../runtime/routing/webhook-handler.js";
import { decodeHandOver } from "../../../../runtime/subscribers/message.js";
import type { SendMessages } from "../../../../runtime/subscribers/sender.js";
import { createMemoryBreakers } from "../../memory-breakers.js";
import { noSigningKeys } from "../../no-signing-keys.js";
import { githubSecret, definition as stage } from "../../processor.js";
import { lambdaContext, sqsEvent, sqsRecord } from "../../sqs-events.js";
import { Ledger } from "../ledger.js";
import { createMemoryStore } from "../memory-store.js";
import { attributesOf } from "../queue-messages.js";
import { randomFrom, startOfRuns, type Weather } from "../scenario.js";
import { currentOwner, SimulatedTime, type TimerOwner } from "../simulated-time.js";
import { type Step, Steps } from "../steps.js";
import { withoutStackTraces } from "../without-stack-traces.js";
import { breakersWithSteps } from "../worker.js";
import { Lane } from "./lane.js";
import { type FanOutScenario, requestOf, type Sent, type SubscriberBehaviour } from "./scenario.js";

/** Ways to break the code under test. */
export interface Sabotage {
  readonly sendMessages?: (sendMessages: SendMessages) => SendMessages;
  readonly store?: (store: HistoryStore, items: Map<string, HistoryAttributes>) => HistoryStore;
  readonly sendAgain?: (sendAgain: SendAgain) => SendAgain;
}

interface Invocation extends TimerOwner {
  readonly lane: Lane;
  readonly worker: number;
  readonly messages: readonly QueuedMessage[];
  readonly endsAt: number;
}

const timeoutMilliseconds = stage.timeoutSeconds * 1000;
const source = "github";

/**
 * A source with subscribers: a lane for each, whose functions run the real handler code, on one history. Everything that
 * anybody waits for is a step, and the scenario's choices say which comes next.
 */
export class FanOutWorld {
  readonly time = new SimulatedTime(startOfRuns);
  readonly steps = new Steps();
  readonly story: string[] = [];
  readonly items = new Map<string, HistoryAttributes>();
  readonly breakers = new Map<string, BreakerState>();
  /** Watches the subscribers' webhooks. */
  readonly ledger = new Ledger(
    () => this.time.now,
    (line) => this.story.push(line),
    (what) => this.#count(what),
  );
  readonly happened = new Map<string, number>();
  readonly source: Lane;
  readonly subscribers: readonly Lane[];
  /** Set when all subscribers have been mended. */
  mended = false;

  readonly #sent = new Map<string, Sent>();
  readonly #unsent: number[];
  readonly #running = new Map<string, Invocation>();
  /** Replays that a source's webhook has let in since it was last done, by its id. */
  readonly #letIn = new Map<string, string[]>();
  #replays = 0;

  constructor(
    readonly scenario: FanOutScenario,
    readonly weather: Weather,
    readonly sabotage: Sabotage = {},
  ) {
    const visibilitySeconds = 6 * stage.timeoutSeconds;
    const lane = (name: string) => new Lane(name, scenario, visibilitySeconds, () => this.time.now);
    this.source = lane(source);
    this.subscribers = scenario.subscribers.map((_, index) => lane(`s${index}`));
    this.#unsent = scenario.webhooks.flatMap(({ copies }, webhook) =>
      Array.from({ length: copies }, () => webhook),
    );
    const subscriberQueues = Object.fromEntries(
      this.subscribers.map(({ name, url }) => [`${source}.${name}`, url]),
    );
    const subscribers = this.subscribers.map(({ name }) => name);
    const sources = stage.sources
      .filter(({ name }) => name === source)
      .map((own) => ({ ...own, subscribers }));
    this.#start(this.source, { ...stage, sources, subscriberQueues }, {});
    for (const [index, subscriber] of this.subscribers.entries()) {
      const { name } = subscriber;
      const target = { handler: name };
      const { breakerFailures: failures } = scenario;
      const about = {
        name: `${source}.${name}`,
        source,
        signature: { kind: "none" },
        target,
        ...(failures === undefined ? {} : { breaker: { failures, longestSeconds: 60, holdingSeconds: 600 } }),
      } as const;
      const handler = this.#handlerOf(subscriber, scenario.subscribers[index] ?? "processed");
      this.#start(subscriber, { ...stage, sources: [], subscribers: [about] }, { [name]: handler });
    }
  }

  get #lanes(): Lane[] {
    return [this.source, ...this.subscribers];
  }

  /** Lives through the scenario's choices, then to the end; rejects with the story if a promise did not hold. */
  live(): Promise<this> {
    return withoutStackTraces(() => this.#live());
  }

  async #live(): Promise<this> {
    for (const choice of this.scenario.choices) {
      const random = randomFrom(choice);
      const possible = this.#possibilities(random);
      await possible[Math.floor(random() * possible.length)]?.();
      await this.steps.atRest();
      this.#check();
    }
    await this.comeToRest();
    this.mended = true;
    for (
      let round = 0;
      round < 10 && this.#lanes.some(({ deadLetters }) => deadLetters.length > 0);
      round++
    ) {
      for (const lane of this.#lanes) while (lane.redrive(() => 0));
      await this.comeToRest();
    }
    this.ledger.checkAtRest();
    this.#checkAtRest();
    this.#check();
    return this;
  }

  /** Lets everything take its course, without mishaps, until no message can be received any more. */
  async comeToRest(): Promise<void> {
    for (let turn = 0; turn < 20_000; turn++) {
      await this.steps.atRest();
      const step = this.steps.pending[0];
      if (step !== undefined) this.#go(step);
      else if (this.#unsent.length > 0) this.sendNext(() => 0);
      else if (this.#lanes.every((lane) => !this.receive(lane)) && !(await this.#skipToNextEvent())) return;
    }
    this.ledger.violations.push("the pipeline never comes to rest");
  }

  sendNext(random: () => number): void {
    const webhook = this.#unsent.shift();
    if (webhook === undefined) return;
    const requestId = `request-${this.source.sent.length}`;
    this.#put(requestOf(webhook, { ...this.#about(webhook), requestId, receivedAt: this.time.now }), random);
  }

  /** An operator sends a webhook once more, to all subscribers or to one. */
  replay(webhook: number, replayFor?: string): void {
    const replayId = `replay-${String(++this.#replays).padStart(4, "0")}`;
    this.#count(replayFor === undefined ? "replayed" : "replayed for one");
    const receivedAt = startOfRuns;
    this.#put(
      requestOf(webhook, {
        ...this.#about(webhook),
        requestId: `replayed-${webhook}`,
        receivedAt,
        replayId,
        ...(replayFor === undefined ? {} : { replayFor }),
      }),
      () => 0,
    );
  }

  receive(lane: Lane, random: () => number = () => 0.5): boolean {
    const worker = this.#freeWorker(lane);
    const messages = worker === undefined ? [] : lane.receive(random);
    if (worker === undefined || messages.length === 0) return false;
    this.#invoke(lane, worker, messages);
    return true;
  }

  /** Ids of the webhooks that a subscriber should have, whose sender has sent them. */
  webhooksOf({ name }: Lane): string[] {
    return [...new Set([...this.#sent.values()].map(({ eventId }) => `${source}.${name}/${eventId}`))];
  }

  /** How often each message of a lane was delivered. */
  deliveriesIn(lane: Lane): number[] {
    return lane.sent.map(({ receiveCount }) => receiveCount);
  }

  #about(webhook: number) {
    return { group: this.scenario.webhooks[webhook]?.group ?? "a" };
  }

  #put(sent: Sent, random: () => number): void {
    this.#sent.set(sent.body, sent);
    const deduplicationId = `${this.source.sent.length}`;
    this.source.put({ body: sent.body, groupId: sent.group, deduplicationId }, random);
    this.#tell(`sent ${sent.eventId}${sent.replayId === undefined ? "" : ` by ${sent.replayId}`}`);
  }

  #possibilities(random: () => number): (() => unknown)[] {
    const { crashes, faults, glitches, operator, restless } = this.weather;
    const { fifo } = this.scenario;
    const { pending } = this.steps;
    const running = [...this.#running.values()];
    const possible: (() => unknown)[] = [];
    const may = (weight: number, happen: () => unknown) => {
      for (let ticket = 0; ticket < weight; ticket++) possible.push(happen);
    };
    const withOne = <Item>(weight: number, of: readonly Item[], happen: (item: Item) => unknown) => {
      const item = of[Math.floor(random() * of.length)];
      if (item !== undefined) may(weight, () => happen(item));
    };
    const sent = [...this.#sent.values()];

    if (this.#unsent.length > 0) may(4, () => this.sendNext(random));
    const ready = this.#lanes.filter((lane) => lane.hasVisible && this.#freeWorker(lane) !== undefined);
    withOne(8, ready, (lane) => this.receive(lane, random));
    withOne(18, pending, (step) => this.#go(step));
    if (restless || (running.length === 0 && pending.length === 0)) {
      withOne(3, [1_000, 5_000, 20_000, 60_000, 200_000], (milliseconds) => this.#passSome(milliseconds));
    }
    if (faults) {
      withOne(
        2,
        pending.filter(({ label }) => label !== "handler"),
        (step) => this.#fail(step),
      );
      withOne(
        1,
        pending.filter(({ repeatable }) => repeatable),
        (step) => this.#go(step, "again"),
      );
    }
    if (crashes) withOne(2, running, (invocation) => this.#die(invocation, "it crashed"));
    if (glitches && !fifo) {
      withOne(1, running, ({ lane, messages: [message] }) => message && lane.showAgain(message));
      withOne(
        1,
        this.#lanes.filter(({ deleted }) => deleted.length > 0),
        (lane) => {
          const message = lane.deleted[Math.floor(random() * lane.deleted.length)];
          if (message !== undefined) lane.resurrect(message);
        },
      );
    }
    if (operator) {
      withOne(
        1,
        this.#lanes.filter(({ deadLetters }) => deadLetters.length > 0),
        (lane) => {
          this.#count("redriven");
          lane.redrive(random);
        },
      );
      withOne(1, sent, ({ webhook }) => this.replay(webhook));
      withOne(2, sent, ({ webhook }) =>
        this.replay(webhook, `s${Math.floor(random() * this.subscribers.length)}`),
      );
    }
    return possible;
  }

  async #passSome(milliseconds: number): Promise<void> {
    const untilTimer = (this.time.nextTimer ?? Number.POSITIVE_INFINITY) - this.time.now;
    // Without crashes no function may run out of time over a step that is not taken.
    const isHeld = !this.weather.crashes && this.steps.pending.length > 0;
    const most = this.weather.crashes ? milliseconds : isHeld ? untilTimer - 1 : untilTimer;
    await this.time.advance(Math.max(0, Math.min(milliseconds, most)), () => this.steps.atRest());
  }

  async #skipToNextEvent(): Promise<boolean> {
    const { now, nextTimer = Number.POSITIVE_INFINITY } = this.time;
    const visible = this.#lanes.map(({ nextVisible = Number.POSITIVE_INFINITY }) => nextVisible);
    const next = Math.min(nextTimer, ...visible);
    if (next === Number.POSITIVE_INFINITY) return false;
    await this.time.advance(next - now, () => this.steps.atRest());
    return true;
  }

  #go(step: Step, how: "once" | "again" = "once"): void {
    this.steps.take(step);
    this.#count(how === "once" ? step.label : `${step.label} lost and repeated`);
    step.go(how);
  }

  #fail(step: Step): void {
    this.steps.take(step);
    this.#count(`${step.label} failed`);
    this.#tell(`${step.label} of ${step.webhookId ?? "a message"} fails`);
    step.fail();
  }

  #die(invocation: Invocation, why: string): void {
    const { lane, worker } = invocation;
    this.#tell(`function ${worker} of ${lane.name} dies: ${why}`);
    for (const { label } of this.steps.forget(invocation)) this.#count(`died at ${label}`);
    this.time.clearAll(invocation);
    this.#running.delete(`${lane.name} ${worker}`);
    this.ledger.gone(invocation, "the function died");
  }

  /** Nobody waits because of another one's target. */
  #sendAgain(lane: Lane, message: MessageAgain): void {
    const behaviour = this.scenario.subscribers[this.subscribers.indexOf(lane)];
    const { crashes, faults } = this.weather;
    if (behaviour === "processed" && !crashes && !faults) {
      this.ledger.violations.push(`a webhook of ${lane.name} waits, whose target never fails`);
    }
    lane.sendAgain(message);
  }

  #freeWorker(lane: Lane): number | undefined {
    const free = lane.handlers.findIndex((_, worker) => !this.#running.has(`${lane.name} ${worker}`));
    return free === -1 ? undefined : free;
  }

  #start(lane: Lane, definition: BundledDefinition, handlers: Record<string, WebhookHandler>): void {
    const { clockSkews, maxReceiveCount } = this.scenario;
    for (const [index, skew] of clockSkews.entries()) {
      const dependencies = this.#dependencies(lane, skew, randomFrom(index));
      lane.handlers.push(createHandler({ ...definition, maxReceiveCount }, handlers, dependencies));
    }
  }

  #dependencies(lane: Lane, skew: number, random: () => number): Dependencies {
    const { steps, sabotage, items } = this;
    const clock = () => this.time.now + skew;
    const memory = createMemoryStore(items, clock);
    const sendAgain: SendAgain = (message) =>
      steps.call("send again", undefined, async () => this.#sendAgain(lane, message));
    const store = this.#watched(lane, sabotage.store?.(memory, items) ?? memory);
    const sendMessages: SendMessages = (queueUrl, messages) => {
      const to = this.subscribers.find(({ url }) => url === queueUrl);
      if (to === undefined) throw new Error(`there is no queue ${queueUrl}`);
      return steps.call("send", undefined, async () => {
        for (const message of messages) to.put(message, random);
        return new Map();
      });
    };
    return {
      history: historyOver(store, {
        timeoutSeconds: stage.timeoutSeconds,
        ttlDays: stage.historyTtlDays,
        clock,
      }),
      secrets: { of: async () => [githubSecret], newerThan: async () => undefined },
      signingKeys: noSigningKeys,
      changeVisibility: (receiptHandle, seconds) =>
        steps.call("delay", undefined, async () => lane.changeVisibility(receiptHandle, seconds)),
      breakerStore: breakersWithSteps(createMemoryBreakers(clock, this.breakers), steps),
      sendAgain: sabotage.sendAgain?.(sendAgain) ?? sendAgain,
      deleteMessages: (receiptHandles) => {
        const { messages } = currentOwner() as Invocation;
        const gone = messages.filter(({ receiptHandle = "" }) => receiptHandles.includes(receiptHandle));
        return steps.call("early delete", undefined, async () => this.#deleteNow(lane, gone));
      },
      sendMessages: sabotage.sendMessages?.(sendMessages) ?? sendMessages,
      clock,
      random,
      writeLine: (line) => {
        const { error } = JSON.parse(line) as { error?: string };
        if (error !== undefined) this.story.push(`  failed: ${error}`);
      },
      logLevel: "ERROR",
    };
  }

  /** A store whose calls are steps, and whose writes the ledger, or for the source's webhooks this world, watches. */
  #watched(lane: Lane, store: HistoryStore): HistoryStore {
    const { steps } = this;
    const isSource = lane === this.source;
    const watched = isSource ? this.#watchSource(store) : this.ledger.watch(store);
    const prefix = isSource ? "source's " : "";
    return {
      putIfAbsent: (item) =>
        steps.call(`${prefix}claim`, item.webhook_id?.S, () => watched.putIfAbsent(item)),
      updateIfUnchanged: (webhookId, seen, changes) => {
        const what = changes.set[names.status]?.S === "processing" ? "takeover" : "finish";
        return steps.call(`${prefix}${what}`, webhookId, () =>
          watched.updateIfUnchanged(webhookId, seen, changes),
        );
      },
    };
  }

  #watchSource(store: HistoryStore): HistoryStore {
    const note = (webhookId: string, written: HistoryAttributes) => {
      const status = written[names.status]?.S;
      this.story.push(`  written: ${webhookId} is ${status}`);
      const letIn = this.#letIn.get(webhookId) ?? [];
      const latest = written[names.replayIds]?.L?.at(-1)?.S;
      if (latest !== undefined) this.#letIn.set(webhookId, [...letIn, latest]);
      if (status !== "distributed") return;
      this.#count("distributed");
      this.ledger.violations.push(...this.#withoutMessage(webhookId, letIn));
      this.#letIn.delete(webhookId);
    };
    return {
      putIfAbsent: async (item) => {
        const refusal = await store.putIfAbsent(item);
        if (refusal === undefined) note(item.webhook_id?.S ?? "", item);
        return refusal;
      },
      updateIfUnchanged: async (webhookId, seen, changes) => {
        const refusal = await store.updateIfUnchanged(webhookId, seen, changes);
        if (refusal === undefined) note(webhookId, changes.set);
        return refusal;
      },
    };
  }

  /** What is distributed stands in every subscriber's queue, and so does the latest replay that it was let in for. */
  #withoutMessage(webhookId: string, letIn: readonly string[]): string[] {
    const eventId = webhookId.slice(`${source}/`.length);
    return this.subscribers.flatMap(({ name, sent }) => {
      const messages = sent
        .map(({ body }) => decodeHandOver(body))
        .filter((message) => message.eventId === eventId);
      if (messages.length === 0) return `${eventId} is distributed, and ${name} has no message of it`;
      const due = letIn.findLast((replayId) => this.#isFor(replayId, name));
      if (due === undefined || messages.some(({ replayId }) => replayId === due)) return [];
      return `${eventId} is distributed, and ${name} has no message of ${due}`;
    });
  }

  #isFor(replayId: string, subscriber: string): boolean {
    const replay = [...this.#sent.values()].find((sent) => sent.replayId === replayId);
    return replay?.replayFor === undefined || replay.replayFor === subscriber;
  }

  /** A handler that does what its subscriber's plan says. */
  #handlerOf(lane: Lane, behaviour: SubscriberBehaviour): WebhookHandler {
    const { ledger, steps } = this;
    return async (webhook, { signal }) => {
      const run = { webhookId: webhook.id, attempt: webhook.attempt, by: currentOwner() ?? this };
      ledger.started(run);
      this.#checkOrder(lane, webhook.eventId);
      try {
        await Promise.race([steps.at("handler", { webhookId: webhook.id }), whenAborted(signal)]);
        const fails = behaviour === "poison" || (behaviour === "flaky" && ledger.attemptsOf(webhook.id) < 3);
        if (fails && !this.mended) throw new Error("told to fail");
      } catch (error) {
        ledger.threw(run);
        throw error;
      }
      ledger.completed(run);
    };
  }

  /**
   * On a FIFO queue a subscriber gets a group's webhooks in their order: all before one are done, or were given up by one
   * of the two queues on their way.
   */
  #checkOrder(lane: Lane, eventId: string): void {
    if (!this.scenario.fifo) return;
    const own = this.source.sent.findIndex(({ body }) => this.#sent.get(body)?.eventId === eventId);
    const group = this.source.sent[own]?.groupId;
    for (const message of this.source.sent.slice(0, own)) {
      const before = this.#sent.get(message.body)?.eventId ?? "";
      const webhookId = `${source}.${lane.name}/${before}`;
      const isOther = message.groupId !== group || before === eventId;
      if (isOther || this.ledger.isDone(webhookId) || this.#wasGivenUp(lane, before)) continue;
      this.ledger.violations.push(
        `${lane.name} gets ${eventId} before ${before}, which is ahead in its group`,
      );
    }
  }

  #wasGivenUp(lane: Lane, eventId: string): boolean {
    const atSource = this.source.sent.filter(({ body }) => this.#sent.get(body)?.eventId === eventId);
    const atLane = lane.sent.filter(({ body }) => decodeHandOver(body).eventId === eventId);
    // After three crashes in a row what waits behind a webhook need not wait any longer.
    const crashed = [`${source}/${eventId}`, `${source}.${lane.name}/${eventId}`].some(
      (id) => Number(this.items.get(id)?.[names.crashes]?.N ?? 0) >= 2,
    );
    return (
      crashed ||
      atSource.some((message) => this.source.gaveUp(message)) ||
      atLane.some((message) => lane.gaveUp(message))
    );
  }

  #invoke(lane: Lane, worker: number, messages: readonly QueuedMessage[]): void {
    const endsAt = this.time.now + timeoutMilliseconds;
    const invocation: Invocation = { time: this.time, lane, worker, messages, endsAt };
    this.#tell(`function ${worker} of ${lane.name} gets ${messages.length} messages`);
    this.#running.set(`${lane.name} ${worker}`, invocation);
    this.time.set(invocation, () => this.#die(invocation, "its time was up"), timeoutMilliseconds);
    const { fifo } = this.scenario;
    const records = messages.map((message) => {
      const { id, body, receiveCount, receiptHandle = "", groupId = "a", sentAt } = message;
      const record = sqsRecord(body, { messageId: id, receiveCount, group: groupId, fifo });
      const attributes = { ...record.attributes, SentTimestamp: String(sentAt) };
      return { ...record, attributes, receiptHandle, messageAttributes: attributesOf(message) };
    });
    const context = lambdaContext(() => endsAt - this.time.now);
    void this.time.run(invocation, async () => {
      const response = await lane.handlers[worker]?.(sqsEvent(...records), context);
      if (response !== undefined) this.#answered(invocation, response);
    });
  }

  #answered(invocation: Invocation, response: SQSBatchResponse): void {
    const { lane, worker, messages } = invocation;
    this.#running.delete(`${lane.name} ${worker}`);
    this.time.clearAll(invocation);
    this.ledger.gone(invocation, "the function had to answer first");
    const failed = failedMessageIds(
      JSON.stringify(response),
      messages.map(({ id }) => id),
    );
    const done = messages.filter(({ id }) => !failed.has(id));
    if (done.length === 0) return;
    void this.time.run({ time: this.time }, async () => {
      try {
        await this.steps.call("delete", undefined, async () => this.#deleteNow(lane, done));
      } catch {
        this.#tell("a delete failed");
      }
    });
  }

  #deleteNow(lane: Lane, messages: readonly QueuedMessage[]): void {
    for (const message of messages) {
      if (lane !== this.source) this.#noteDelete(lane, message);
      lane.delete(message);
    }
  }

  #noteDelete(lane: Lane, message: QueuedMessage): void {
    // It goes on as the message that was sent again.
    if (lane.hasCopyOf(message)) return;
    const { name } = lane;
    const { body } = message;
    const { eventId, replayId } = decodeHandOver(body);
    const webhookId = `${source}.${name}/${eventId}`;
    const about = { webhook: 0, serial: 0, requestId: "", receivedAt: 0, webhookId, body };
    this.ledger.deleted(replayId === undefined ? about : { ...about, replayId });
  }

  /** Everything has ended, once for its sender and at most once more for each replay that it is for. */
  #checkAtRest(): void {
    const { violations } = this.ledger;
    for (const lane of this.#lanes) if (!lane.isEmpty) violations.push(`messages are left in ${lane.name}`);
    for (const { eventId } of this.#sent.values()) {
      const status = this.items.get(`${source}/${eventId}`)?.[names.status]?.S;
      if (status !== "distributed") violations.push(`${eventId} is ${status}, and not distributed`);
    }
    for (const lane of this.subscribers) {
      for (const webhookId of this.webhooksOf(lane)) {
        const eventId = webhookId.slice(webhookId.indexOf("/") + 1);
        const own = [...this.#sent.values()].filter((sent) => sent.eventId === eventId);
        const replays = new Set(own.flatMap(({ replayId }) => replayId ?? []));
        const concerned = [...replays].filter((replayId) => this.#isFor(replayId, lane.name));
        if (!this.ledger.isDone(webhookId)) violations.push(`${webhookId} is lost`);
        const openings = this.ledger.openingsOf(webhookId);
        if (openings > 1 + concerned.length) {
          violations.push(
            `${webhookId} was opened ${openings} times, with ${concerned.length} replays for it`,
          );
        }
      }
    }
  }

  #check(): void {
    const [first] = this.ledger.violations;
    if (first !== undefined) throw new Error(`${first}\n${this.story.join("\n")}`);
  }

  #tell(line: string): void {
    this.story.push(`${((this.time.now - startOfRuns) / 1000).toFixed(1)} s: ${line}`);
  }

  #count(what: string): void {
    this.happened.set(what, (this.happened.get(what) ?? 0) + 1);
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("out of time")), { once: true });
  });
}
