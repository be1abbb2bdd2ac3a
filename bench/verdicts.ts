import type { Spread } from "./statistics.js";

/** A promise, and whether this run kept it. */
export interface Verdict {
  readonly target: string;
  /** What was measured must not be more. */
  readonly limit: number;
  readonly measured: number;
  /** Of figures that differ from round to round. */
  readonly spread?: Spread;
  readonly met: boolean;
}

export function timed(target: string, limit: number, spread: Spread): Verdict {
  return { target, limit, measured: spread.median, spread, met: spread.median <= limit };
}

export function counted(target: string, limit: number, measured: number): Verdict {
  return { target, limit, measured, met: measured <= limit };
}
