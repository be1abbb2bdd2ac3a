import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";

/** Whose timers stop with it: what runs inside has no other clock than the simulation's. */
export interface TimerOwner {
  readonly time: SimulatedTime;
}

interface Timer {
  readonly owner: TimerOwner;
  readonly at: number;
  readonly fire: () => void;
}

const inside = new AsyncLocalStorage<TimerOwner>();
const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setImmediate: globalThis.setImmediate,
};

/** Time that passes when it is told to. */
export class SimulatedTime {
  #now: number;
  readonly #timers = new Set<Timer>();

  constructor(start: number) {
    this.#now = start;
  }

  /** Epoch milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** When the next timer fires. */
  get nextTimer(): number | undefined {
    const times = [...this.#timers].map(({ at }) => at);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Runs code whose `setTimeout` is this time's, in the name of an owner. */
  run<T>(owner: TimerOwner, work: () => T): T {
    return inside.run(owner, work);
  }

  /** Passes time, timer by timer, and lets what each sets in motion come to rest before the next. */
  async advance(milliseconds: number, atRest: () => Promise<void>): Promise<void> {
    const end = this.#now + milliseconds;
    for (let next = this.nextTimer; next !== undefined && next <= end; next = this.nextTimer) {
      this.#now = Math.max(this.#now, next);
      const due = [...this.#timers].find(({ at }) => at === next);
      if (due === undefined) break;
      this.#timers.delete(due);
      due.fire();
      await atRest();
    }
    this.#now = end;
  }

  set(owner: TimerOwner, fire: () => void, milliseconds: number): Timer {
    const timer = { owner, at: this.#now + Math.max(0, milliseconds), fire };
    this.#timers.add(timer);
    return timer;
  }

  clear(timer: Timer): void {
    this.#timers.delete(timer);
  }

  /** Forgets the timers of an owner that is no more. */
  clearAll(owner: TimerOwner): void {
    for (const timer of this.#timers) if (timer.owner === owner) this.#timers.delete(timer);
  }
}

/** The owner in whose name the running code runs. */
export function currentOwner(): TimerOwner | undefined {
  return inside.getStore();
}

/** Runs code outside of every simulation: clients of real servers need real timers. */
export function inRealTime<T>(work: () => T): T {
  return inside.exit(work);
}

/** Resolves when everything that needs no timer and no input has run. */
export async function microtasksDone(): Promise<void> {
  await nextTurn();
}

/** Replacements for the global functions, for `vi.stubGlobal`: simulated inside of a simulation, real elsewhere. */
export const timerGlobals = {
  setTimeout(fire: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]): unknown {
    const owner = inside.getStore();
    if (owner === undefined) return real.setTimeout(fire, milliseconds, ...args);
    return owner.time.set(owner, () => inside.run(owner, () => fire(...args)), milliseconds);
  },
  clearTimeout(timer: unknown): void {
    const owner = (timer as Partial<Timer> | undefined)?.owner;
    if (owner === undefined) real.clearTimeout(timer as NodeJS.Timeout);
    else owner.time.clear(timer as Timer);
  },
  /** A turn of the event loop takes no simulated time, and nothing is at rest before it. */
  setImmediate(run: (...args: unknown[]) => void, ...args: unknown[]): unknown {
    if (inside.getStore() === undefined) return real.setImmediate(run, ...args);
    return queueMicrotask(() => run(...args));
  },
};
