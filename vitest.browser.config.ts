import { defineConfig } from "vitest/config";

/** Tests of the inspector's page in the system's Chromium: `npm run test:browser`. */
export default defineConfig({
  test: {
    include: ["tests/inspector/browser/**/*.test.ts"],
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
