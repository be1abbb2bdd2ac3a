import type { Estimate } from "./estimate.js";

/** What a change does to the monthly cost. */
export interface CostChange {
  /** US dollars a month. */
  readonly before: number;
  /** US dollars a month. */
  readonly after: number;
  /** The lines that another amount is paid for, the largest difference first. */
  readonly lines: readonly {
    readonly what: string;
    readonly before: number;
    readonly after: number;
  }[];
}

/** @param before undefined: there is no stage yet */
export function compareCosts(before: Estimate | undefined, after: Estimate): CostChange {
  const [former, present] = [dollarsByLine(before), dollarsByLine(after)];
  const lines = [...new Set([...former.keys(), ...present.keys()])]
    .map((what) => ({ what, before: former.get(what) ?? 0, after: present.get(what) ?? 0 }))
    .filter((line) => line.before !== line.after)
    .sort((one, other) => Math.abs(other.after - other.before) - Math.abs(one.after - one.before));
  return { before: before?.dollarsPerMonth ?? 0, after: after.dollarsPerMonth, lines };
}

function dollarsByLine(estimate: Estimate | undefined): Map<string, number> {
  return new Map(estimate?.lines.map(({ what, dollars }) => [what, dollars]));
}
