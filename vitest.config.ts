import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { WaitingFirst } from "./tests/support/waiting-first.js";

/** A sequencer of one's own would silently win over `--sequence.shuffle.files`, by which somebody looks for files that need an order. */
const isShuffled = process.argv.some((argument) => argument.startsWith("--sequence.shuffle"));

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts", "packages/*/tests/**/*.test.ts"],
    exclude: ["**/node_modules/**", "tests/engine/**", "tests/inspector/browser/**"],
    // To import Pulumi and the AWS SDK takes seconds, so files share a process, and each leaves it as it found it.
    isolate: false,
    setupFiles: ["tests/support/leaves-nothing-behind.ts"],
    // Many tests wait for timeouts and child processes: on two cores four workers are busier than one, the default there.
    maxWorkers: Math.max(4, availableParallelism()),
    ...(isShuffled ? {} : { sequence: { sequencer: WaitingFirst } }),
    // Local-mode tests start a whole pipeline; two busy cores and a cold cache are slow enough to need room.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
