import { table } from "../command-line/table.js";
import type { Spread } from "./statistics.js";
import type { Verdict } from "./verdicts.js";

/** What was promised and what came of it. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  return table([
    ["target", "at most", "measured", ""],
    ...verdicts.map(({ target, limit, measured, spread, met }) => [
      target,
      figure(limit),
      spread === undefined ? figure(measured) : withSpread(spread),
      met ? "pass" : "MISS",
    ]),
  ]);
}

/** The median, with the quartiles behind it. */
export function withSpread({ median, lowerQuartile, upperQuartile }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${lowerQuartile.toFixed(digits)}–${upperQuartile.toFixed(digits)})`;
}

function figure(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}
