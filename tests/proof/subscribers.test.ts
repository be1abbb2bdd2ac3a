import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fanOuts } from "../support/proof/fan-out/scenario.js";
import { FanOutWorld } from "../support/proof/fan-out/world.js";
import { simulateTimers } from "../support/proof/live.js";
import { queues, tally } from "../support/proof/tally.js";
import { calm, faulty, wild } from "../support/proof/weather.js";
import { assertProperty } from "../support/properties.js";

simulateTimers();

const sourceSteps = ["source's claim", "source's takeover", "source's finish", "send"].flatMap((call) => [
  `${call} request`,
  `${call} answer`,
]);

describe.each(queues)("promises 3 and 4 for subscribers with %s: each gets every webhook once", (_, fifo) => {
  it.each([
    ["however often SQS delivers, and whatever is replayed for all or for one", calm, []],
    [
      "also while calls to AWS fail, or take effect and their answers get lost",
      faulty,
      [...sourceSteps.map((step) => `${step} failed`), "send answer lost and repeated"],
    ],
    [
      "and where functions die between two hand-overs, none is lost and none is doubled",
      wild,
      // Deaths at the other steps are too rare to be met in each 100 schedules.
      sourceSteps.filter((step) => /claim|send/.test(step)).map((step) => `died at ${step}`),
    ],
  ] as const)("%s", async (_, weather, wanted) => {
    const { add, expectAll } = tally();
    await assertProperty(
      fc.asyncProperty(fanOuts({ fifo }), async (scenario) => {
        const world = await new FanOutWorld(scenario, weather).live();
        for (const lane of world.subscribers) {
          for (const webhookId of world.webhooksOf(lane)) {
            const { ledger } = world;
            expect(ledger.completionsOf(webhookId), world.story.join("\n")).toBe(
              ledger.openingsOf(webhookId) + ledger.interruptionsOf(webhookId),
            );
          }
        }
        if (!weather.faults) expect(world.ledger.interrupted).toEqual([]);
        add(world);
      }),
      100,
    );
    expectAll(["distributed", "replayed", "replayed for one", ...wanted]);
  });
});
