/** A figure that was measured many times; between the quartiles lies the middle half. */
export interface Spread {
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
}

/** @throws Error for no values at all */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  return {
    lowerQuartile: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    upperQuartile: quantile(sorted, 0.75),
  };
}

/**
 * How one series stands to another that was measured in the same rounds. The quotients are taken pair by pair: what slows
 * the machine down for a while slows both of a pair.
 *
 * @throws Error for series that are no pairs
 */
export function ratioOf(series: readonly number[], reference: readonly number[]): Spread {
  if (series.length !== reference.length) throw new Error("only pairs of figures have ratios");
  return spreadOf(series.map((value, index) => value / (reference[index] ?? Number.NaN)));
}

/** The value below which this part of the sorted ones lies, between two of them if need be. */
function quantile(sorted: readonly number[], part: number): number {
  const position = (sorted.length - 1) * part;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new Error("there is no median of no values");
  return below + (above - below) * (position - Math.floor(position));
}
