import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that wait for minutes or half of one, and need little of the processor meanwhile. The longest is first. */
const waiting = [
  "tests/bench/fan-out.test.ts",
  "tests/local/deadly-handlers.test.ts",
  "tests/proof/faults.test.ts",
  "tests/local/stopping.test.ts",
  "tests/proof/dynalite.test.ts",
];

/** Starts the files that wait first, so that the others run meanwhile. On a fresh checkout vitest knows no durations. */
export class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = waiting.findIndex((file) => moduleId.endsWith(file));
      return place === -1 ? waiting.length : place;
    };
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}
