import type { BreakerStore } from "../../../runtime/breaker/store.js";
import { InvalidWebhookError, ignore, type WebhookHandler } from "../../../runtime/define-handler.js";
import type { Dependencies } from "../../../runtime/dependencies.js";
import { type BatchHandler, createHandler } from "../../../runtime/handler.js";
import { type HistorySettings, historyOver } from "../../../runtime/history/history.js";
import { historyAttributes as names } from "../../../runtime/history/item.js";
import type { HistoryStore } from "../../../runtime/history/store.js";
import type { ProcessorDefinition } from "../../../runtime/stage/definition.js";
import { createMemoryBreakers } from "../memory-breakers.js";
import { noSigningKeys } from "../no-signing-keys.js";
import { definition, githubSecret } from "../processor.js";
import { type Behaviour, deliveryHeader } from "./scenario.js";
import { currentOwner } from "./simulated-time.js";
import type { Steps } from "./steps.js";
import type { World } from "./world.js";

/** An execution environment of the function. */
export interface Worker {
  readonly handler: BatchHandler;
}

/** Ways to break the code under test. */
export interface Sabotage {
  readonly settings?: Partial<HistorySettings>;
  readonly definition?: Partial<ProcessorDefinition>;
  readonly handler?: (handler: BatchHandler) => BatchHandler;
  readonly dependencies?: (dependencies: Dependencies) => Partial<Dependencies>;
}

/**
 * Starts the real handler code with a history, secrets and a queue that wait at steps.
 *
 * @param skew by how much its clock is ahead of the queue's, in milliseconds
 */
export function createWorker(world: World, skew: number, random: () => number): Worker {
  const { steps, options } = world;
  const { sabotage = {} } = options;
  const clock = () => world.time.now + skew;
  const beforeRead = options.scenario.bareRefusals ? () => steps.within("read request") : undefined;
  const store = world.ledger.watch(options.createStore(clock, beforeRead));

  const dependencies: Dependencies = {
    history: historyOver(withSteps(store, steps), {
      timeoutSeconds: definition.timeoutSeconds,
      ttlDays: definition.historyTtlDays,
      clock,
      ...sabotage.settings,
    }),
    secrets: {
      of: async () => {
        await steps.at("secret");
        return [githubSecret];
      },
      newerThan: async () => undefined,
    },
    signingKeys: noSigningKeys,
    changeVisibility: (receiptHandle, seconds) =>
      steps.call("delay", undefined, async () => world.traffic.changeVisibility(receiptHandle, seconds)),
    deleteMessages: (receiptHandles) =>
      steps.call("early delete", undefined, async () => world.deleteEarly(receiptHandles)),
    sendMessages: async () => new Map(),
    sendAgain: (message) => steps.call("send again", undefined, async () => world.traffic.sendAgain(message)),
    breakerStore: breakersWithSteps(createMemoryBreakers(clock, world.breakers), steps),
    clock,
    random,
    writeLine: (line) => {
      const { error } = JSON.parse(line) as { error?: string };
      if (error !== undefined) world.story.push(`  failed: ${error}`);
    },
    logLevel: "ERROR",
  };
  const handler = createHandler(
    {
      ...definition,
      ...withBreaker(options.scenario.breakerFailures),
      maxReceiveCount: options.scenario.maxReceiveCount,
      ...sabotage.definition,
    },
    { github: handlerIn(world) },
    { ...dependencies, ...sabotage.dependencies?.(dependencies) },
  );
  return { handler: sabotage.handler?.(handler) ?? handler };
}

function withBreaker(failures: number | undefined): Partial<ProcessorDefinition> {
  if (failures === undefined) return {};
  const breaker = { failures, longestSeconds: 60, holdingSeconds: 1_800 };
  return { sources: definition.sources.map((source) => ({ ...source, breaker })) };
}

/** Breakers' states whose reads and writes are steps. */
export function breakersWithSteps(store: BreakerStore, steps: Steps): BreakerStore {
  return {
    read: (name) => steps.call("breaker", undefined, () => store.read(name)),
    replace: (name, seen, state) => {
      const what = state.open?.probeUntil === undefined ? "breaker" : "probe";
      return steps.call(what, undefined, () => store.replace(name, seen, state));
    },
  };
}

function withSteps(store: HistoryStore, steps: Steps): HistoryStore {
  return {
    putIfAbsent: (item) => {
      const what = item[names.status]?.S === "rejected" ? "reject" : "claim";
      return steps.call(what, item.webhook_id?.S, () => store.putIfAbsent(item));
    },
    updateIfUnchanged: (webhookId, seen, changes) => {
      const status = changes.set[names.status]?.S;
      const what = status === undefined ? "settle" : status === "processing" ? "takeover" : "finish";
      return steps.call(what, webhookId, () => store.updateIfUnchanged(webhookId, seen, changes));
    },
  };
}

/** A handler that does what its webhook's plan says, and heeds the signal. */
function handlerIn(world: World): WebhookHandler {
  const { ledger, steps } = world;
  return async (webhook, { signal }) => {
    const run = { webhookId: webhook.id, attempt: webhook.attempt, by: currentOwner() ?? world };
    ledger.started(run);
    world.handlerStarts(Number(webhook.headers.get(deliveryHeader)));
    const { behaviour } = webhook.json() as { behaviour: Behaviour };
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new Error("out of time")), { once: true });
    });
    try {
      const broken = (what: Behaviour) => behaviour === what && !world.mended;
      const hangs = broken("hanging") || broken("freezes");
      if (broken("freezes")) world.freeze();
      await Promise.race([
        hangs ? new Promise(() => {}) : steps.at("handler", { webhookId: webhook.id }),
        aborted,
      ]);
      if (broken("exits")) await world.endProcess();
      if (broken("exits later")) void exitLater(world, webhook.id);
      const fails = behaviour === "poison" || (behaviour === "flaky" && ledger.attemptsOf(webhook.id) < 3);
      if (fails && !world.mended) throw new Error("told to fail");
    } catch (error) {
      ledger.threw(run);
      throw error;
    }
    ledger.completed(run);
    if (behaviour === "ignored") return ignore("told to");
    if (behaviour === "invalid") throw new InvalidWebhookError("told to be");
    return undefined;
  };
}

/** Ends the function when some steps have passed, in which the handler's end may be written and others begin. */
async function exitLater(world: World, webhookId: string): Promise<void> {
  for (let step = 0; step < 4; step++) await world.steps.at("forgotten", { webhookId });
  await world.endProcess();
}
