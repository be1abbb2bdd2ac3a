/** A figure that was measured several times. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** @throws Error for no values at all */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const least = sorted[0];
  const most = sorted.at(-1);
  const below = sorted[Math.floor((sorted.length - 1) / 2)];
  const above = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (least === undefined || most === undefined || below === undefined || above === undefined) {
    throw new Error("there is no median of no values");
  }
  return { median: (below + above) / 2, least, most };
}

/**
 * How one series stands to another that was measured side by side with it. The quotients are taken pair by pair: what slows
 * the machine down for a while slows both of a pair.
 */
export function ratioOf(series: readonly number[], reference: readonly number[]): Spread {
  return spreadOf(series.map((value, index) => value / (reference[index] ?? Number.NaN)));
}
