import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { live, simulate } from "../support/proof/live.js";
import { fatalBehaviours, harmlessBehaviours, scenarios } from "../support/proof/scenario.js";
import { queues, stepsOf, tally } from "../support/proof/tally.js";
import { wild } from "../support/proof/weather.js";
import { assertProperty } from "../support/properties.js";

simulate();

describe.each(queues)("promises 3 and 4 on %s: once, and nothing is lost", (_, fifo) => {
  it("and where functions die, once more for each completion that could not be written down, never beside another", async () => {
    const { add, expectAll, expectOneOf } = tally();
    await assertProperty(
      fc.asyncProperty(
        scenarios({ fifo, only: [...harmlessBehaviours, ...fatalBehaviours] }),
        async (scenario) => {
          const world = await live(scenario, wild);
          for (const webhookId of world.acceptedWebhooks()) {
            expect(world.ledger.completionsOf(webhookId)).toBe(
              world.ledger.openingsOf(webhookId) + world.ledger.interruptionsOf(webhookId),
            );
          }
          add(world);
        },
      ),
      400,
    );
    const died = (steps: readonly string[]) => steps.map((step) => `died at ${step}`);
    const others = [
      "takeover request",
      "finish request",
      "secret",
      "handler",
      "delay request",
      "read request",
    ];
    expectAll(died([...stepsOf("claim"), ...others]));
    expectOneOf(died(stepsOf("reject")));
  });
});
