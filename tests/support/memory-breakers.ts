import { type BreakerState, isForgotten } from "../../runtime/breaker/state.js";
import type { BreakerStore } from "../../runtime/breaker/store.js";

/** The breakers' states in memory. A test holds it against dynalite. */
export function createMemoryBreakers(
  clock: () => number,
  states = new Map<string, BreakerState>(),
): BreakerStore {
  return {
    read: async (name) => states.get(name),
    replace: async (name, seen, state) => {
      const there = states.get(name);
      const fits =
        seen === undefined ? there === undefined || isForgotten(there, clock()) : there?.version === seen;
      if (!fits && there?.version === state.version) return { done: true };
      if (!fits) return { done: false, ...(there === undefined ? {} : { state: there }) };
      states.set(name, state);
      return { done: true };
    },
  };
}
