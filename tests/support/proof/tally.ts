import { expect } from "vitest";
import { explores } from "../properties.js";
import type { World } from "./world.js";

/** The kinds of queue that promises hold on, for `describe.each`: a name, and whether it is a FIFO queue. */
export const queues = [
  ["a standard queue", false],
  ["a FIFO queue", true],
] as const;

/**
 * What happened in all runs of a property: one that never met what it is about proves nothing. Expect only what ten runs or
 * more meet on average, or a test fails by chance.
 */
export function tally() {
  const happened = new Set<string>();
  return {
    add: (world: Pick<World, "happened">) => {
      for (const what of world.happened.keys()) happened.add(what);
    },
    expectAll: (wanted: readonly string[]) => {
      if (explores()) expect([...happened]).toEqual(expect.arrayContaining([...wanted]));
    },
    /** For what is rare by itself. */
    expectOneOf: (wanted: readonly string[]) => {
      if (explores()) expect(wanted).toContain([...happened].find((what) => wanted.includes(what)));
    },
  };
}

/** The steps of a write at which a function may die, or its call may fail. */
export function stepsOf(...writes: readonly string[]): string[] {
  return writes.flatMap((write) => [`${write} request`, `${write} answer`]);
}
