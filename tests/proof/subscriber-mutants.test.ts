import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { historyAttributes as names } from "../../runtime/history/item.js";
import { decodeHandOver, encodeHandOver } from "../../runtime/subscribers/message.js";
import type { OutgoingMessage, SendMessages } from "../../runtime/subscribers/sender.js";
import { type FanOutScenario, fanOuts } from "../support/proof/fan-out/scenario.js";
import { FanOutWorld, type Sabotage } from "../support/proof/fan-out/world.js";
import { simulate } from "../support/proof/live.js";
import type { Weather } from "../support/proof/scenario.js";
import { calm, faulty } from "../support/proof/weather.js";

simulate();

interface Mutant {
  readonly what: string;
  /** What is noticed. */
  readonly violation: RegExp;
  readonly weather?: Weather;
  readonly fifo?: boolean;
  readonly sabotage: Sabotage;
  readonly scenario?: Partial<FanOutScenario>;
}

/** Changes each message on its way. */
function changing(change: (message: OutgoingMessage, serial: number) => OutgoingMessage): Sabotage {
  let serial = 0;
  return {
    sendMessages: (sendMessages: SendMessages) => (queueUrl, messages) =>
      sendMessages(
        queueUrl,
        messages.map((message) => change(message, serial++)),
      ),
  };
}

/** Does not remember an attribute. */
function forgetting(attribute: string): Sabotage {
  return {
    store: (store) => ({
      putIfAbsent: ({ [attribute]: _, ...item }) => store.putIfAbsent(item),
      updateIfUnchanged: (id, seen, { set: { [attribute]: _, ...set }, remove }) =>
        store.updateIfUnchanged(id, seen, { set, remove }),
    }),
  };
}

const mutants: readonly Mutant[] = [
  {
    what: "an end that is written before SQS has confirmed all messages",
    violation: /is distributed, and s\d has no message of it/,
    weather: faulty,
    sabotage: {
      sendMessages: (sendMessages) => async (queueUrl, messages) => {
        sendMessages(queueUrl, messages).catch(() => {});
        return new Map();
      },
    },
  },
  {
    what: "a subscriber without a claim of its own",
    violation:
      /two handlers work|was opened \d+ times|has ended 2 times|completed handlers|had lost its claim/,
    sabotage: {
      store: (store, items) => ({
        ...store,
        putIfAbsent: async (item) => {
          const id = item.webhook_id?.S ?? "";
          if (!id.startsWith("github.")) return store.putIfAbsent(item);
          items.set(id, item);
          return undefined;
        },
      }),
    },
  },
  {
    what: "a replay for one subscriber that goes to all of them",
    violation: /was opened \d+ times, with \d+ replays for it/,
    sabotage: {
      store: (store) => ({
        putIfAbsent: (item) => store.putIfAbsent(forAll(item)),
        updateIfUnchanged: (id, seen, { set, remove }) =>
          store.updateIfUnchanged(id, seen, { set: forAll(set), remove }),
      }),
    },
  },
  {
    what: "replays of which is forgotten that they are still due",
    violation: /is distributed, and s\d has no message of replay-\d+/,
    weather: faulty,
    sabotage: forgetting(names.dueReplays),
  },
  {
    what: "messages without the replay that they are for",
    violation: /is distributed, and s\d has no message of replay-\d+/,
    sabotage: changing((message) => {
      const { replayId: _, ...handOver } = decodeHandOver(message.body);
      return { ...message, body: encodeHandOver(handOver) };
    }),
  },
  {
    what: "a deduplication id that a later hand-over has as well",
    violation: /is distributed, and s\d has no message of/,
    fifo: true,
    sabotage: changing((message) => ({ ...message, deduplicationId: decodeHandOver(message.body).eventId })),
  },
  {
    what: "groups that do not keep the order of the source's",
    violation: /which is ahead in its group/,
    fifo: true,
    sabotage: changing((message, serial) => ({ ...message, groupId: `group-${serial}` })),
    scenario: {
      subscribers: ["flaky"],
      webhooks: Array.from({ length: 3 }, () => ({ copies: 1, group: "a" })),
    },
  },
];

/** Takes whom a replay is for out of what is due. */
function forAll<Item extends Record<string, { readonly L?: unknown }>>(item: Item): Item {
  const due = item[names.dueReplays]?.L as { S: string }[] | undefined;
  if (due === undefined) return item;
  return { ...item, [names.dueReplays]: { L: due.map(({ S }) => ({ S: S.replace(/^[^:]*/, "") })) } };
}

describe("the model of subscribers notices", () => {
  it.each(mutants)("$what", async ({ weather = calm, fifo = false, sabotage, scenario, violation }) => {
    const result = await fc.check(
      fc.asyncProperty(fanOuts({ fifo }), async (random) => {
        await new FanOutWorld({ ...random, ...scenario }, weather, sabotage).live();
      }),
      // Whether it is found must not depend on luck, and its smallest form is of no interest.
      { seed: 1, numRuns: 300, endOnFailure: true },
    );

    expect(result.failed).toBe(true);
    expect(String(result.errorInstance)).toMatch(violation);
  });
});
