import fc from "fast-check";

/** How long the search for a smaller counterexample may take: it gets no better after that, and somebody waits for it. */
const searchMilliseconds = 60_000;

/** For a test of a property: its runs, on a slow machine, and the search for a counterexample. */
export const propertyTimeoutMilliseconds = 120_000 * runsFactor() + searchMilliseconds;

/**
 * Holds a property against that many random values. A failure prints the seed and the path to the smallest counterexample
 * that was found within a minute; both together run exactly that one again:
 *
 *     FAST_CHECK_SEED=-1819918769 FAST_CHECK_PATH=12:0:3 npx vitest run tests/proof/once.test.ts -t "name of the test"
 *
 * `FAST_CHECK_RUNS=10` makes ten times as many runs.
 */
export async function assertProperty<Values>(property: fc.IAsyncProperty<Values>, runs: number) {
  const seed = readInteger("FAST_CHECK_SEED");
  const path = process.env.FAST_CHECK_PATH;
  await fc.assert(withLimitedSearch(property), {
    numRuns: runs * runsFactor(),
    // A replayed path starts at its counterexample, which is small already.
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined || path === "" ? {} : { path, endOnFailure: true }),
  });
}

/** fast-check's own limit, `interruptAfterTimeLimit`, would also end a property that holds, after fewer runs. */
function withLimitedSearch<Values>(property: fc.IAsyncProperty<Values>): fc.IAsyncProperty<Values> {
  let firstFailureAt: number | undefined;
  return {
    isAsync: () => property.isAsync(),
    generate: (random, run) => property.generate(random, run),
    shrink: (value) => property.shrink(value),
    runBeforeEach: () => property.runBeforeEach(),
    runAfterEach: () => property.runAfterEach(),
    async run(value) {
      if (firstFailureAt !== undefined && performance.now() - firstFailureAt >= searchMilliseconds) {
        return new fc.PreconditionFailure(true);
      }
      const failure = await property.run(value);
      if (failure !== null && !fc.PreconditionFailure.isFailure(failure))
        firstFailureAt ??= performance.now();
      return failure;
    },
  };
}

/** Whether a property runs as a whole, and should meet all that it is about; not so when one run is run again. */
export function explores(): boolean {
  return (process.env.FAST_CHECK_PATH ?? "") === "";
}

function runsFactor(): number {
  return readInteger("FAST_CHECK_RUNS") ?? 1;
}

function readInteger(variable: string): number | undefined {
  const text = process.env[variable];
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (!Number.isInteger(value)) throw new Error(`${variable} must be a whole number, got ${text}`);
  return value;
}
