import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { assertProperty } from "../support/properties.js";

beforeEach(() => {
  // A seed of its own: neither luck nor how this suite is run decides.
  vi.stubEnv("FAST_CHECK_SEED", "1");
  vi.stubEnv("FAST_CHECK_PATH", undefined);
  vi.stubEnv("FAST_CHECK_RUNS", undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Fails a property that takes so long for each run, and returns how, with the values it was tried on. */
async function failure(secondsPerRun: number) {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const tried: number[] = [];
  const failing = fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000_000 }), async (value) => {
    now += secondsPerRun * 1_000;
    tried.push(value);
    expect(value).toBeLessThan(1_000);
  });
  const { message } = await assertProperty(failing, 1_000).then(
    () => new Error("the property holds"),
    (error: Error) => error,
  );
  return { message, tried, fails: tried.filter((value) => value >= 1_000) };
}

const howToRunAgain = /\{ seed: -?\d+, path: "\d+(:\d+)*", endOnFailure: true \}/;

it("a property that fails is told with its smallest counterexample, and how to run it again", async () => {
  const { message } = await failure(0.001);

  expect(message).toContain("Counterexample: [1000]");
  expect(message).toMatch(howToRunAgain);
});

it("the search for a smaller counterexample ends after a minute with the smallest so far", async () => {
  const { message, tried, fails } = await failure(13);

  // The first failure, and what begins within the minute after it.
  expect(tried.slice(tried.indexOf(fails[0] ?? 0))).toHaveLength(6);
  expect(message).toContain(`Counterexample: [${fails.at(-1)}]`);
  expect(message).toMatch(howToRunAgain);
});
