import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { live, simulate } from "../support/proof/live.js";
import { type Scenario, scenarios } from "../support/proof/scenario.js";
import { queues, stepsOf, tally } from "../support/proof/tally.js";
import { calm, wild } from "../support/proof/weather.js";
import type { Sabotage } from "../support/proof/worker.js";
import { assertProperty } from "../support/properties.js";

simulate();

/** The target is left alone soon: what fails is up to each webhook here. */
const heldScenarios = (fifo: boolean): fc.Arbitrary<Scenario> =>
  fc
    .tuple(scenarios({ fifo, webhooks: 6 }), fc.integer({ min: 1, max: 3 }))
    .map(([scenario, breakerFailures]) => ({ ...scenario, breakerFailures }));

describe.each(queues)("promises 3 and 4 on %s where webhooks wait for their target", (_, fifo) => {
  it("a handler completes once for each event and replay, and nothing is lost", async () => {
    const { add, expectAll } = tally();
    await assertProperty(
      fc.asyncProperty(heldScenarios(fifo), async (scenario) => {
        const world = await live(scenario, calm);
        for (const webhookId of world.acceptedWebhooks()) {
          expect(world.ledger.completionsOf(webhookId)).toBe(world.ledger.openingsOf(webhookId));
        }
        add(world);
      }),
      120,
    );
    expectAll(["probe request", "dead-lettered", "redriven", ...(fifo ? [] : ["sent again"])]);
  });

  it("and where functions die, once more for each completion that could not be written down", async () => {
    const { add, expectAll, expectOneOf } = tally();
    await assertProperty(
      fc.asyncProperty(heldScenarios(fifo), async (scenario) => {
        const world = await live(scenario, wild);
        for (const webhookId of world.acceptedWebhooks()) {
          expect(world.ledger.completionsOf(webhookId)).toBe(
            world.ledger.openingsOf(webhookId) + world.ledger.interruptionsOf(webhookId),
          );
        }
        add(world);
      }),
      200,
    );
    expectAll(["takeover request", ...(fifo ? [] : ["send again answer"])]);
    expectOneOf(stepsOf("breaker", "probe").flatMap((step) => [`${step} failed`, `died at ${step}`]));
  });
});

const mutants: readonly { what: string; violation: RegExp; fifo?: boolean; sabotage: Sabotage }[] = [
  {
    what: "a webhook that waits and is not sent again",
    violation: /is deleted before its end is written|is lost/,
    sabotage: { dependencies: () => ({ sendAgain: async () => {} }) },
  },
  {
    what: "a FIFO queue's webhook that is sent again, behind others of its group",
    violation: /overtakes|is deleted before its end is written|MessageDeduplicationId|DelaySeconds/,
    fifo: true,
    sabotage: {
      dependencies: ({ sendAgain }) => (sendAgain === undefined ? {} : { sendAgain }),
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
  it.each(mutants)("$what", async ({ violation, fifo = false, sabotage }) => {
    const result = await fc.check(
      fc.asyncProperty(heldScenarios(fifo), async (scenario) => {
        await live(scenario, calm, { sabotage });
      }),
      { seed: 1, numRuns: 400, endOnFailure: true },
    );

    expect(result.failed).toBe(true);
    expect(String(result.errorInstance)).toMatch(violation);
  });
});
