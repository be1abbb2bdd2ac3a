import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { type BreakerSabotage, BreakerWorld, breakerScenarios } from "../support/proof/breaker-world.js";
import { assertProperty, explores, propertyTimeoutMilliseconds } from "../support/properties.js";

vi.setConfig({ testTimeout: propertyTimeoutMilliseconds });

describe("a target that many functions share", () => {
  it("is tried by one at a time while it is left alone, and gets its webhooks again once it is mended", async () => {
    const happened = new Set<string>();
    await assertProperty(
      fc.asyncProperty(breakerScenarios, async (scenario) => {
        const world = new BreakerWorld(scenario);
        await world.live();
        for (const what of world.happened) happened.add(what);
      }),
      2_000,
    );

    if (!explores()) return;
    const calls = [
      "free fails",
      "free succeeds",
      "probe fails",
      "probe succeeds",
      "probe is stopped by its filter",
    ];
    const mishaps = ["a function died", "request fails", "request answer lost"];
    expect([...happened]).toEqual(expect.arrayContaining(["closed", ...calls, ...mishaps]));
  });
});

const mutants: readonly { what: string; violation: RegExp; sabotage: BreakerSabotage }[] = [
  {
    what: "a probe that is won by everybody",
    violation: /probe at the same time/,
    sabotage: {
      store: (store) => ({
        ...store,
        replace: async (name, seen, state) => {
          const there = state.open?.probeUntil === undefined ? seen : (await store.read(name))?.version;
          return store.replace(name, there, state);
        },
      }),
    },
  },
  {
    what: "a probe of which the others are not told",
    violation: /probe at the same time|never gets its webhooks again/,
    sabotage: {
      store: (store) => ({
        ...store,
        replace: (name, seen, { open, ...state }) => {
          const { probeUntil: _, ...untold } = open ?? { until: 0, delaySeconds: 0, since: 0 };
          return store.replace(name, seen, { ...state, ...(open === undefined ? {} : { open: untold }) });
        },
      }),
    },
  },
  {
    what: "a probe that ends before its function",
    violation: /probe at the same time|never gets its webhooks again/,
    sabotage: { timeoutSeconds: 0 },
  },
  {
    what: "a target that is left alone for good",
    violation: /never gets its webhooks again/,
    sabotage: {
      store: (store) => ({
        ...store,
        replace: async (name, seen, state) => {
          const there = await store.read(name);
          const closes = there?.open !== undefined && state.open === undefined;
          return closes ? { done: false, state: there } : store.replace(name, seen, state);
        },
      }),
    },
  },
];

describe("the breaker's model notices", () => {
  it.each(mutants)("$what", async ({ violation, sabotage }) => {
    const result = await fc.check(
      fc.asyncProperty(breakerScenarios, (scenario) => new BreakerWorld(scenario, sabotage).live()),
      { seed: 1, numRuns: 400, endOnFailure: true },
    );

    expect(result.failed).toBe(true);
    expect(String(result.errorInstance)).toMatch(violation);
  });
});
