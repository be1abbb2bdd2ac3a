import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BreakerState } from "../../../runtime/breaker/state.js";
import { createBreakerStore } from "../../../runtime/breaker/store.js";
import { sharedHistoryTable } from "../../support/dynamodb.js";
import { createMemoryBreakers } from "../../support/memory-breakers.js";
import { assertProperty, propertyTimeoutMilliseconds } from "../../support/properties.js";

const database = await sharedHistoryTable();
const start = 1_767_225_600_000;

const versions = ["v-1", "v-2", "v-3"] as const;

const operations = fc.array(
  fc.record({
    seen: fc.option(fc.constantFrom(...versions), { nil: undefined }),
    laterSeconds: fc.nat(2),
    lifeSeconds: fc.nat(3),
    version: fc.constantFrom(...versions),
    failures: fc.nat(30),
    open: fc.option(
      fc.record(
        { until: fc.nat(), delaySeconds: fc.nat(900), since: fc.nat(), probeUntil: fc.nat() },
        { requiredKeys: ["until", "delaySeconds", "since"] },
      ),
      { nil: undefined },
    ),
  }),
  { minLength: 1, maxLength: 8 },
);

describe("the breakers' states in the history table", () => {
  it(
    "are those that the model has, after any changes",
    async () => {
      let run = 0;
      await assertProperty(
        fc.asyncProperty(operations, async (steps) => {
          let now = start;
          const clock = () => now;
          const name = `differential-${run++}`;
          const real = createBreakerStore(database.client, database.table, clock);
          const model = createMemoryBreakers(clock);
          for (const { seen, laterSeconds, lifeSeconds, version, failures, open } of steps) {
            now += laterSeconds * 1000;
            const expiresAt = now / 1000 + lifeSeconds;
            const state: BreakerState = {
              version,
              failures,
              expiresAt,
              ...(open === undefined ? {} : { open }),
            };
            const expected = await model.replace(name, seen, state);
            expect(await real.replace(name, seen, state)).toEqual(expected);
            expect(await real.read(name)).toEqual(await model.read(name));
          }
        }),
        60,
      );
    },
    propertyTimeoutMilliseconds,
  );

  it("takes a change that the SDK repeats for made", async () => {
    const store = createBreakerStore(database.client, database.table, () => start);
    const state = { version: "v-1", failures: 1, expiresAt: start / 1000 + 60 };

    expect(await store.replace("repeated", undefined, state)).toEqual({ done: true });
    expect(await store.replace("repeated", undefined, state)).toEqual({ done: true });
  });

  it("have keys that no webhook has, and stand in no index", async () => {
    const store = createBreakerStore(database.client, database.table, () => start);
    await store.replace("crm", undefined, { version: "v-1", failures: 1, expiresAt: start / 1000 + 60 });
    const attributes = await database.attributes("_breaker/crm");

    expect(attributes).toMatchObject({ failures: { N: "1" } });
    expect(attributes).not.toHaveProperty("source_day");
    expect(attributes).not.toHaveProperty("attention");
  });
});
