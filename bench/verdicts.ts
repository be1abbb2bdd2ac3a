import type { Spread } from "./statistics.js";

/** A target, and whether this run met it. */
export interface Verdict {
  readonly target: string;
  /** The largest value that is allowed. */
  readonly limit: number;
  readonly measured: number;
  /** The spread of figures that differ between rounds. */
  readonly spread?: Spread;
  readonly met: boolean;
}

export function timed(target: string, limit: number, spread: Spread): Verdict {
  return { target, limit, measured: spread.median, spread, met: spread.median <= limit };
}

export function counted(target: string, limit: number, measured: number): Verdict {
  return { target, limit, measured, met: measured <= limit };
}
