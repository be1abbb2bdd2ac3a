import { expect } from "vitest";
import { explores } from "../properties.js";
import type { World } from "./world.js";

/** The kinds of queue that promises hold on, for `describe.each`: a name, and whether it is a FIFO queue. */
export const queues = [
  ["a standard queue", false],
  ["a FIFO queue", true],
] as const;

/** What happened in all runs of a property: one that never met what it is about proves nothing. */
export function tally() {
  const happened = new Set<string>();
  return {
    add: (world: Pick<World, "happened">) => {
      for (const what of world.happened.keys()) happened.add(what);
    },
    expectAll: (wanted: readonly string[]) => {
      if (explores()) expect([...happened]).toEqual(expect.arrayContaining([...wanted]));
    },
  };
}

/** Steps of a function at which it may die, or its call may fail. */
const writes = ["claim", "takeover", "finish", "reject"];
export const requests = writes.map((write) => `${write} request`);
export const answers = writes.map((write) => `${write} answer`);
