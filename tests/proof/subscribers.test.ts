import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fanOuts } from "../support/proof/fan-out/scenario.js";
import { FanOutWorld } from "../support/proof/fan-out/world.js";
import { simulate } from "../support/proof/live.js";
import { queues, stepsOf, tally } from "../support/proof/tally.js";
import { calm, faulty, wild } from "../support/proof/weather.js";
import { assertProperty } from "../support/properties.js";

simulate();

const failed = (steps: readonly string[]) => steps.map((step) => `${step} failed`);
const died = (steps: readonly string[]) => steps.map((step) => `died at ${step}`);

describe.each(queues)("promises 3 and 4 for subscribers with %s: each gets every webhook once", (_, fifo) => {
  it.each([
    ["however often SQS delivers, and whatever is replayed for all or for one", calm, [], undefined],
    [
      "also while calls to AWS fail, or take effect and their answers get lost",
      faulty,
      [...failed(stepsOf("source's claim", "source's finish", "send")), "send answer lost and repeated"],
      [...failed(stepsOf("source's takeover")), "source's takeover answer lost and repeated"],
    ],
    [
      "and where functions die between two hand-overs, none is lost and none is doubled",
      wild,
      died(stepsOf("source's claim")),
      died(stepsOf("send")),
    ],
  ] as const)("%s", async (_, weather, wanted, oneOf) => {
    const { add, expectAll, expectOneOf } = tally();
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
    if (oneOf !== undefined) expectOneOf(oneOf);
  });
});
