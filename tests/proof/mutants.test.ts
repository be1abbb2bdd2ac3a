import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { historyAttributes as names } from "../../runtime/history/item.js";
import { historySchema as keys } from "../../runtime/history/schema.js";
import { live, type StoreOf, simulate } from "../support/proof/live.js";
import { createMemoryStore } from "../support/proof/memory-store.js";
import { type Scenario, scenarios, type Weather } from "../support/proof/scenario.js";
import { calm, wild } from "../support/proof/weather.js";
import type { Sabotage } from "../support/proof/worker.js";

simulate();

interface Mutant {
  readonly what: string;
  /** What is noticed. */
  readonly violation: RegExp;
  readonly weather?: Weather;
  readonly fifo?: boolean;
  readonly storeOf?: StoreOf;
  readonly sabotage?: Sabotage;
  readonly scenario?: Partial<Scenario>;
}

const nothingBack = { batchItemFailures: [] };

const mutants: readonly Mutant[] = [
  {
    what: "a claim that is won by everybody",
    violation: /has ended 2 times|two handlers work|completed handlers|had lost its claim/,
    storeOf: (items, clock) => ({
      ...createMemoryStore(items, clock),
      putIfAbsent: async (item) => {
        items.set(item[keys.hashKey]?.S ?? "", item);
        return undefined;
      },
    }),
  },
  {
    what: "an end that is written without its claim",
    violation: /had lost its claim|has ended 2 times|written for 0 completed handlers/,
    weather: wild,
    storeOf: (items, ...rest) => {
      const store = createMemoryStore(items, ...rest);
      return {
        ...store,
        updateIfUnchanged: (id, seen, changes) => {
          const ends = changes.set[names.finishedAt] !== undefined;
          const there = items.get(id);
          const token = ends ? there?.[names.token]?.S : seen.token;
          const status = ends ? (there?.[names.status]?.S ?? "") : seen.status;
          return store.updateIfUnchanged(id, { token, status }, changes);
        },
      };
    },
  },
  {
    what: "a lease that ends while the function runs",
    violation: /two handlers work/,
    sabotage: { settings: { timeoutSeconds: -4 } },
  },
  {
    what: "clocks that differ by more than a lease's margin",
    violation: /two handlers work/,
    weather: wild,
    scenario: { clockSkews: [-20_000, 20_000] },
  },
  {
    what: "a replay that is forgotten",
    violation: /was opened \d+ times, with \d+ requests and \d+ replays/,
    storeOf: (items, ...rest) => {
      const store = createMemoryStore(items, ...rest);
      return {
        ...store,
        updateIfUnchanged: (id, seen, { set: { [names.replayIds]: _, ...set }, remove }) =>
          store.updateIfUnchanged(id, seen, { set, remove }),
      };
    },
  },
  {
    what: "a redelivery by the sender that is taken for SQS's own",
    violation: /came after it was judged, and is deleted unjudged/,
    storeOf: (items, ...rest) => {
      const store = createMemoryStore(items, ...rest);
      return {
        ...store,
        putIfAbsent: async (item) => {
          const refusal = await store.putIfAbsent(item);
          return refusal && { ...refusal, [names.latestReceivedAt]: { N: "1e15" } };
        },
      };
    },
  },
  {
    what: "a request of which is forgotten that it was judged",
    violation: /was opened \d+ times, with \d+ requests/,
    storeOf: (items, ...rest) => {
      const store = createMemoryStore(items, ...rest);
      return {
        putIfAbsent: async (item) => {
          const { [names.finishedAt]: _, ...refusal } = (await store.putIfAbsent(item)) ?? {};
          return Object.keys(refusal).length === 0 ? undefined : refusal;
        },
        updateIfUnchanged: (id, seen, { set: { [names.latestReceivedAt]: _, ...set }, remove }) =>
          store.updateIfUnchanged(id, seen, { set, remove }),
      };
    },
  },
  {
    what: "an answer that hands nothing back",
    violation: /is deleted before its end is written/,
    sabotage: {
      handler: (handler) => async (event, context) => {
        await handler(event, context);
        return nothingBack;
      },
    },
  },
  {
    what: "a failure that counts as an end",
    violation: /is deleted before its end is written/,
    storeOf: (items, ...rest) => {
      const store = createMemoryStore(items, ...rest);
      return {
        ...store,
        updateIfUnchanged: (id, seen, { set, remove }) => {
          const failed = set[names.status]?.S === "failed";
          const written = failed ? { ...set, [names.status]: { S: "processed" } } : set;
          return store.updateIfUnchanged(id, seen, { set: written, remove });
        },
      };
    },
  },
  {
    what: "a function that does not know which delivery is the last",
    violation: /waits for the dead-letter queue after its last delivery/,
    sabotage: { definition: { maxReceiveCount: 1_000 } },
  },
  {
    what: "a function that takes a FIFO queue for a standard one",
    violation: /overtakes/,
    fifo: true,
    sabotage: {
      handler: (handler) => (event, context) => {
        const Records = event.Records.map((record) => ({
          ...record,
          eventSourceARN: "arn:aws:sqs:::webhooks",
        }));
        return handler({ Records }, context);
      },
    },
  },
];

describe("the model notices", () => {
  it.each(mutants)(
    "$what",
    async ({ weather = calm, fifo = false, storeOf, sabotage, scenario, violation }) => {
      const broken = {
        ...(storeOf === undefined ? {} : { storeOf }),
        ...(sabotage === undefined ? {} : { sabotage }),
      };
      const result = await fc.check(
        fc.asyncProperty(scenarios({ fifo }), async (random) => {
          await live({ ...random, ...scenario }, weather, broken);
        }),
        // Whether it is found must not depend on luck, and its smallest form is of no interest.
        { seed: 1, numRuns: 400, endOnFailure: true },
      );

      expect(result.failed).toBe(true);
      expect(String(result.errorInstance)).toMatch(violation);
    },
  );
});
