import type { Parameters } from "fast-check";

/**
 * How a property is run. A failure prints the seed and the path to its smallest counterexample; both together run exactly
 * that one again:
 *
 *     FAST_CHECK_SEED=-1819918769 FAST_CHECK_PATH=12:0:3 npx vitest run tests/proof/once.test.ts -t "name of the test"
 *
 * `FAST_CHECK_RUNS=10` makes ten times as many runs.
 */
export function propertyParameters<Values>(runs: number): Parameters<Values> {
  const seed = readInteger("FAST_CHECK_SEED");
  const path = process.env.FAST_CHECK_PATH;
  return {
    numRuns: runs * (readInteger("FAST_CHECK_RUNS") ?? 1),
    // A replayed path starts at its counterexample, which is small already.
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined || path === "" ? {} : { path, endOnFailure: true }),
  };
}

/** Whether a property runs as a whole, and should meet all that it is about; not so when one run is run again. */
export function explores(): boolean {
  return (process.env.FAST_CHECK_PATH ?? "") === "";
}

function readInteger(variable: string): number | undefined {
  const text = process.env[variable];
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (!Number.isInteger(value)) throw new Error(`${variable} must be a whole number, got ${text}`);
  return value;
}
