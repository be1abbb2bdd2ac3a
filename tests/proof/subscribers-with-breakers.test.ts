import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeHandOver, encodeHandOver } from "../../runtime/subscribers/message.js";
import { type FanOutScenario, fanOuts } from "../support/proof/fan-out/scenario.js";
import { FanOutWorld, type Sabotage } from "../support/proof/fan-out/world.js";
import { simulate } from "../support/proof/live.js";
import { queues, tally } from "../support/proof/tally.js";
import { calm, wild } from "../support/proof/weather.js";
import { assertProperty } from "../support/properties.js";

simulate();

/** Each subscriber's target is left alone soon. */
const withBreakers = (fifo: boolean): fc.Arbitrary<FanOutScenario> =>
  fc
    .tuple(fanOuts({ fifo }), fc.integer({ min: 1, max: 3 }))
    .map(([scenario, breakerFailures]) => ({ ...scenario, breakerFailures }));

describe.each(queues)("subscribers with %s, of which each has a breaker of its own", (_, fifo) => {
  it.each([
    ["get every webhook once, and none waits because of another one's target", calm, []],
    ["and where functions die while webhooks wait, none is lost", wild, ["probe request"]],
  ] as const)("%s", async (_, weather, wanted) => {
    const { add, expectAll } = tally();
    await assertProperty(
      fc.asyncProperty(withBreakers(fifo), async (scenario) => {
        const world = await new FanOutWorld(scenario, weather).live();
        const { ledger } = world;
        for (const lane of world.subscribers) {
          for (const webhookId of world.webhooksOf(lane)) {
            expect(ledger.completionsOf(webhookId), world.story.join("\n")).toBe(
              ledger.openingsOf(webhookId) + ledger.interruptionsOf(webhookId),
            );
          }
        }
        add(world);
      }),
      100,
    );
    expectAll(["distributed", ...(fifo ? [] : ["send again answer"]), ...wanted]);
  });
});

const mutants: readonly { what: string; violation: RegExp; sabotage: Sabotage }[] = [
  {
    what: "a webhook that waits for its subscriber's target and is not sent again",
    violation: /is deleted before its end is written|is lost/,
    sabotage: { sendAgain: () => async () => {} },
  },
  {
    what: "one that is sent again for a subscriber that is none",
    violation: /messages are left in s\d|is lost|was never let in/,
    sabotage: {
      sendAgain: (sendAgain) => (message) => {
        const body = encodeHandOver({ ...decodeHandOver(message.body), subscriber: "nobody" });
        return sendAgain({ ...message, body });
      },
    },
  },
];

describe("the model notices", () => {
  it.each(mutants)("$what", async ({ violation, sabotage }) => {
    const result = await fc.check(
      fc.asyncProperty(withBreakers(false), async (scenario) => {
        await new FanOutWorld(scenario, calm, sabotage).live();
      }),
      { seed: 1, numRuns: 400, endOnFailure: true },
    );

    expect(result.failed).toBe(true);
    expect(String(result.errorInstance)).toMatch(violation);
  });
});
