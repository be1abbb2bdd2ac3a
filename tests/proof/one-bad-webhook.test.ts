import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { live, simulate } from "../support/proof/live.js";
import { type Behaviour, scenarios } from "../support/proof/scenario.js";
import { queues } from "../support/proof/tally.js";
import { windless } from "../support/proof/weather.js";
import { assertProperty, explores } from "../support/properties.js";

simulate();

describe.each(queues)("promise 5 on %s: one bad webhook hurts nobody else", (_, fifo) => {
  const fine: readonly Behaviour[] = ["processed", "ignored", "invalid"];

  it("whose neighbours are done at their first delivery, whatever shares their batches", async () => {
    const behaviours: readonly Behaviour[] = ["processed", "ignored", "invalid", "forged", "poison", "flaky"];
    let judged = 0;
    await assertProperty(
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
      250,
    );
    if (explores()) expect(judged).toBeGreaterThan(20);
  });

  it("takes nobody along to the dead-letter queue, not even what waited behind it in its group", async () => {
    const behaviours: readonly Behaviour[] = ["processed", "ignored", "invalid", "forged", "poison"];
    let judged = 0;
    await assertProperty(
      fc.asyncProperty(scenarios({ fifo, webhooks: 6, only: behaviours }), async (scenario) => {
        // A sender's repetition that waits for another delivery of its event is delivered three times at most.
        const maxReceiveCount = Math.max(3, scenario.maxReceiveCount);
        const world = await live({ ...scenario, maxReceiveCount }, windless);
        const givenUp = world.traffic
          .deadLettered()
          .map(({ delivery }) => scenario.webhooks[delivery.webhook]);
        expect(givenUp.map((plan) => plan?.behaviour)).toEqual(givenUp.map(() => "poison"));
        judged += givenUp.length;
      }),
      150,
    );
    if (explores()) expect(judged).toBeGreaterThan(20);
  });

  it("and goes to the dead-letter queue after exactly its deliveries, each of them a try", async () => {
    let judged = 0;
    await assertProperty(
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
      100,
    );
    if (explores()) expect(judged).toBeGreaterThan(20);
  });
});
