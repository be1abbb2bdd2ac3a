/** A figure that was measured many times. The middle half is between the quartiles. */
export interface Spread {
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
}

/** @throws Error for an empty list */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  return {
    lowerQuartile: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    upperQuartile: quantile(sorted, 0.75),
  };
}

/**
 * The ratio of one series to another that was measured in the same rounds. The quotients are computed pair by pair,
 * because a slow phase of the machine affects both of a pair.
 *
 * @throws Error for series of different lengths
 */
export function ratioOf(series: readonly number[], reference: readonly number[]): Spread {
  if (series.length !== reference.length) throw new Error("only pairs of figures have ratios");
  return spreadOf(series.map((value, index) => value / (reference[index] ?? Number.NaN)));
}

/** The quantile of sorted values, interpolated between two of them if necessary. */
function quantile(sorted: readonly number[], part: number): number {
  const position = (sorted.length - 1) * part;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new Error("there is no median of no values");
  return below + (above - below) * (position - Math.floor(position));
}
