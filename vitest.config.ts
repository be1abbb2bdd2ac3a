import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // Local-mode tests start a whole pipeline; two cores and a cold cache are slow enough to need room.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
