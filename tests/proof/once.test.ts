import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { live, simulate } from "../support/proof/live.js";
import { scenarios } from "../support/proof/scenario.js";
import { queues, tally } from "../support/proof/tally.js";
import { calm } from "../support/proof/weather.js";
import { assertProperty } from "../support/properties.js";

simulate();

describe.each(queues)("promises 3 and 4 on %s: once, and nothing is lost", (_, fifo) => {
  it("a handler completes once for each event and replay, however often SQS delivers", async () => {
    const { add, expectAll } = tally();
    await assertProperty(
      fc.asyncProperty(scenarios({ fifo }), async (scenario) => {
        const world = await live(scenario, calm);
        for (const webhookId of world.acceptedWebhooks()) {
          expect(world.ledger.completionsOf(webhookId)).toBe(world.ledger.openingsOf(webhookId));
        }
        expect(world.ledger.interrupted, world.story.join("\n")).toEqual([]);
        add(world);
      }),
      300,
    );
    const operator = [
      "redriven",
      "replayed",
      "replay sent twice",
      "redelivered by its sender",
      "judged anew",
    ];
    const wanted = ["takeover request", "given up", "dead-lettered", ...operator];
    const glitches = ["shown again while in flight", "delivered after its delete"];
    expectAll([...wanted, ...(fifo ? [] : glitches)]);
  });
});
