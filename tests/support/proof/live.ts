import { afterAll, beforeAll, vi } from "vitest";
import type { HistoryAttributes } from "../../../runtime/history/item.js";
import { propertyTimeoutMilliseconds } from "../properties.js";
import { createMemoryStore } from "./memory-store.js";
import type { Scenario, Weather } from "./scenario.js";
import { timerGlobals } from "./simulated-time.js";
import type { Sabotage } from "./worker.js";
import { type StoreFactory, World } from "./world.js";

/** For a test file whose functions live in simulated time. */
export function simulateTimers(): void {
  vi.setConfig({ testTimeout: propertyTimeoutMilliseconds });
  beforeAll(() => {
    vi.stubGlobal("setTimeout", timerGlobals.setTimeout);
    vi.stubGlobal("clearTimeout", timerGlobals.clearTimeout);
    vi.stubGlobal("setImmediate", timerGlobals.setImmediate);
  });
  afterAll(() => {
    vi.unstubAllGlobals();
  });
}

/** Makes the store of a run from its table. */
export type StoreOf = (
  items: Map<string, HistoryAttributes>,
  ...args: Parameters<StoreFactory>
) => ReturnType<StoreFactory>;

/** Lives through a scenario, with a history in memory; rejects with the story if a promise did not hold. */
export async function live(
  scenario: Scenario,
  weather: Weather,
  { storeOf = createMemoryStore, sabotage }: { storeOf?: StoreOf; sabotage?: Sabotage } = {},
): Promise<World> {
  const items = new Map<string, HistoryAttributes>();
  const world = new World({
    scenario,
    weather,
    run: "run",
    createStore: (...args) => storeOf(items, ...args),
    ...(sabotage === undefined ? {} : { sabotage }),
  });
  await world.live();
  return world;
}
