import { defineConfig } from "vitest/config";

/** Tests on Pulumi's own engine: `npm run test:engine`. Most of their time is waiting, so the stages come up side by side. */
export default defineConfig({
  test: {
    include: ["tests/engine/**/*.test.ts"],
    setupFiles: ["tests/support/engine/own-backend.ts"],
    maxWorkers: 4,
    testTimeout: 300_000,
    hookTimeout: 900_000,
  },
});
