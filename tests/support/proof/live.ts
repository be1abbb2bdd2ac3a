import { syncBuiltinESMExports } from "node:module";
import zlib from "node:zlib";
import { afterAll, beforeAll, vi } from "vitest";
import type { HistoryAttributes } from "../../../runtime/history/item.js";
import { propertyTimeoutMilliseconds } from "../properties.js";
import { createMemoryStore } from "./memory-store.js";
import type { Scenario, Weather } from "./scenario.js";
import { timerGlobals } from "./simulated-time.js";
import type { Sabotage } from "./worker.js";
import { type StoreFactory, World } from "./world.js";

/** For a test file that runs schedules: its functions live in simulated time, and pack quickly. */
export function simulate(): void {
  vi.setConfig({ testTimeout: propertyTimeoutMilliseconds });
  beforeAll(() => {
    vi.stubGlobal("setTimeout", timerGlobals.setTimeout);
    vi.stubGlobal("clearTimeout", timerGlobals.clearTimeout);
    vi.stubGlobal("setImmediate", timerGlobals.setImmediate);
    packOnce();
  });
  afterAll(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
    vi.unstubAllGlobals();
  });
}

/** Packs a webhook at its first delivery only: to pack it again at each of the others gives the same bytes. */
function packOnce(): void {
  const pack = zlib.brotliCompressSync;
  const packed = new Map<string, ReturnType<typeof pack>>();
  vi.spyOn(zlib, "brotliCompressSync").mockImplementation((content, options) => {
    const key = (content as Buffer).toString("latin1");
    const known = packed.get(key) ?? pack(content, options);
    if (packed.size >= 10_000) packed.clear();
    packed.set(key, known);
    return known;
  });
  syncBuiltinESMExports();
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
