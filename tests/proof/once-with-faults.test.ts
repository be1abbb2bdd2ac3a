import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { live, simulate } from "../support/proof/live.js";
import { scenarios } from "../support/proof/scenario.js";
import { queues, stepsOf, tally } from "../support/proof/tally.js";
import { faulty } from "../support/proof/weather.js";
import { assertProperty } from "../support/properties.js";

simulate();

describe.each(queues)("promises 3 and 4 on %s: once, and nothing is lost", (_, fifo) => {
  it("also while calls to AWS fail, or take effect and their answers get lost", async () => {
    const { add, expectAll, expectOneOf } = tally();
    await assertProperty(
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
      300,
    );
    const failed = (steps: readonly string[]) => steps.map((step) => `${step} failed`);
    const repeated = ["claim", "finish"].map((write) => `${write} answer lost and repeated`);
    expectAll([...failed([...stepsOf("claim", "finish"), "secret", "delay request"]), ...repeated]);
    expectOneOf(failed(stepsOf("takeover")));
    expectOneOf(failed(stepsOf("reject")));
  });
});
