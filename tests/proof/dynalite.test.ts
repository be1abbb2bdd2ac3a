import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHistoryStore } from "../../runtime/history/store.js";
import { sharedHistoryTable } from "../support/dynamodb.js";
import { simulate } from "../support/proof/live.js";
import { scenarios } from "../support/proof/scenario.js";
import { inRealTime } from "../support/proof/simulated-time.js";
import { calm, faulty, wild } from "../support/proof/weather.js";
import { type StoreFactory, World } from "../support/proof/world.js";
import { assertProperty } from "../support/properties.js";

simulate();

const database = await sharedHistoryTable();

/** The store that is deployed, over DynamoDB's emulator. */
const createStore: StoreFactory = (clock) => {
  const store = createHistoryStore(database.client, database.table, clock);
  return {
    putIfAbsent: (item) => inRealTime(() => store.putIfAbsent(item)),
    updateIfUnchanged: (...change) => inRealTime(() => store.updateIfUnchanged(...change)),
  };
};

describe("promises 3 and 4 with the deployed store on an emulator that returns no item with a refusal", () => {
  it.each([
    ["SQS repeats itself", calm, false],
    ["calls fail on a FIFO queue", faulty, true],
    ["functions die", wild, false],
  ] as const)("hold while %s", async (_, weather, fifo) => {
    let run = 0;
    await assertProperty(
      fc.asyncProperty(scenarios({ fifo, webhooks: 3, steps: 80 }), async (scenario) => {
        const world = new World({
          scenario,
          weather,
          run: `dynalite-${fifo}-${weather.crashes}-${++run}`,
          createStore,
        });
        await world.live();
        for (const webhookId of world.acceptedWebhooks()) {
          const { status, attempts } = (await inRealTime(() => database.item(webhookId))) ?? {};
          expect(status).toBe(world.ledger.statusOf(webhookId));
          expect(attempts).toBeGreaterThanOrEqual(world.ledger.completionsOf(webhookId));
        }
      }),
      20,
    );
  });
});
