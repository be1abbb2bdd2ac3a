import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { live, simulateTimers } from "../support/proof/live.js";
import { type Behaviour, scenarios } from "../support/proof/scenario.js";
import { calm, faulty, wild, windless } from "../support/proof/weather.js";
import type { World } from "../support/proof/world.js";
import { explores, propertyParameters } from "../support/properties.js";

simulateTimers();

const queues = [
  ["a standard queue", false],
  ["a FIFO queue", true],
] as const;

/** What happened in all runs of a property: one that never met what it is about proves nothing. */
function tally() {
  const happened = new Set<string>();
  return {
    add: (world: World) => {
      for (const what of world.happened.keys()) happened.add(what);
    },
    expectAll: (wanted: readonly string[]) => {
      if (explores()) expect([...happened]).toEqual(expect.arrayContaining([...wanted]));
    },
  };
}

/** Steps of a function at which it may die, or its call may fail. */
const writes = ["claim", "takeover", "finish", "reject"];
const requests = writes.map((write) => `${write} request`);
const answers = writes.map((write) => `${write} answer`);

describe.each(queues)("promises 3 and 4 on %s: once, and nothing is lost", (_, fifo) => {
  it("a handler completes once for each event and replay, however often SQS delivers", async () => {
    const { add, expectAll } = tally();
    await fc.assert(
      fc.asyncProperty(scenarios({ fifo }), async (scenario) => {
        const world = await live(scenario, calm);
        for (const webhookId of world.acceptedWebhooks()) {
          expect(world.ledger.completionsOf(webhookId)).toBe(world.ledger.openingsOf(webhookId));
        }
        expect(world.ledger.interrupted, world.story.join("\n")).toEqual([]);
        add(world);
      }),
      propertyParameters(400),
    );
    const wanted = ["takeover request", "dead-lettered", "redriven", "replayed", "replay sent twice"];
    const glitches = ["shown again while in flight", "delivered after its delete"];
    expectAll([...wanted, ...(fifo ? [] : glitches)]);
  });

  it("also while calls to AWS fail, or take effect and their answers get lost", async () => {
    const { add, expectAll } = tally();
    await fc.assert(
      fc.asyncProperty(scenarios({ fifo }), async (scenario) => {
        const world = await live(scenario, faulty);
        for (const webhookId of world.acceptedWebhooks()) {
          expect(world.ledger.completionsOf(webhookId)).toBe(
            world.ledger.openingsOf(webhookId) + world.ledger.interruptionsOf(webhookId),
          );
        }
        // The end is asked for until it is written; only a function that runs out of time over it leaves it open.
        const cutOff = world.ledger.interrupted.map(({ why }) => why);
        expect(cutOff).toEqual(cutOff.map(() => "the function had to answer first"));
        add(world);
      }),
      propertyParameters(400),
    );
    const failed = [...requests, ...answers, "secret", "delay request"].map((step) => `${step} failed`);
    const repeated = ["claim", "finish"].map((write) => `${write} answer lost and repeated`);
    expectAll([...failed, ...repeated]);
  });

  it("and where functions die, once more for each completion that could not be written down, never beside another", async () => {
    const { add, expectAll } = tally();
    await fc.assert(
      fc.asyncProperty(scenarios({ fifo }), async (scenario) => {
        const world = await live(scenario, wild);
        for (const webhookId of world.acceptedWebhooks()) {
          expect(world.ledger.completionsOf(webhookId)).toBe(
            world.ledger.openingsOf(webhookId) + world.ledger.interruptionsOf(webhookId),
          );
        }
        add(world);
      }),
      propertyParameters(600),
    );
    const everywhere = [...requests, ...answers, "secret", "handler", "delay request", "read request"];
    expectAll(everywhere.map((step) => `died at ${step}`));
  });
});

describe.each(queues)("promise 5 on %s: one bad webhook hurts nobody else", (_, fifo) => {
  const fine: readonly Behaviour[] = ["processed", "ignored", "invalid"];

  it("whose neighbours are done at their first delivery, whatever shares their batches", async () => {
    const behaviours: readonly Behaviour[] = ["processed", "ignored", "invalid", "forged", "poison", "flaky"];
    let judged = 0;
    await fc.assert(
      fc.asyncProperty(scenarios({ fifo, webhooks: 6, only: behaviours }), async (scenario) => {
        const world = await live(scenario, windless);
        scenario.webhooks.forEach(({ behaviour, copies, group }, webhook) => {
          // On a FIFO queue what is in order behind a bad webhook has to wait for it; other groups have not.
          const waits = ({ behaviour: other, group: theirs }: (typeof scenario.webhooks)[number]) =>
            fifo && theirs === group && !fine.includes(other);
          if (!fine.includes(behaviour) || copies > 1 || scenario.webhooks.some(waits)) return;
          judged += 1;
          expect(world.deliveriesOf(webhook)).toEqual([1]);
        });
      }),
      propertyParameters(250),
    );
    if (explores()) expect(judged).toBeGreaterThan(20);
  });

  it("takes nobody along to the dead-letter queue, not even what waited behind it in its group", async () => {
    const behaviours: readonly Behaviour[] = ["processed", "ignored", "invalid", "forged", "poison"];
    let judged = 0;
    await fc.assert(
      fc.asyncProperty(scenarios({ fifo, webhooks: 6, only: behaviours }), async (scenario) => {
        const world = await live(scenario, windless);
        const givenUp = world.traffic
          .deadLettered()
          .map(({ delivery }) => scenario.webhooks[delivery.webhook]);
        expect(givenUp.map((plan) => plan?.behaviour)).toEqual(givenUp.map(() => "poison"));
        judged += givenUp.length;
      }),
      propertyParameters(150),
    );
    if (explores()) expect(judged).toBeGreaterThan(20);
  });

  it("and goes to the dead-letter queue after exactly its deliveries, each of them a try", async () => {
    let judged = 0;
    await fc.assert(
      fc.asyncProperty(scenarios({ fifo, only: ["poison", "processed"] }), async (scenario) => {
        const alone = scenario.webhooks.map((plan, index) => ({ ...plan, copies: 1, group: `${index}` }));
        const world = await live({ ...scenario, webhooks: alone }, windless);
        const poisoned = alone.flatMap(({ behaviour }, index) => (behaviour === "poison" ? [index] : []));
        const deadLettered = world.traffic.deadLettered();
        expect(deadLettered.map(({ delivery }) => delivery.webhook).sort()).toEqual(poisoned);
        for (const { delivery, receiveCount } of deadLettered) {
          judged += 1;
          expect(receiveCount).toBe(scenario.maxReceiveCount);
          // One more: the redrive after it was mended.
          expect(world.ledger.attemptsOf(delivery.webhookId)).toBe(scenario.maxReceiveCount + 1);
        }
      }),
      propertyParameters(100),
    );
    if (explores()) expect(judged).toBeGreaterThan(20);
  });
});
