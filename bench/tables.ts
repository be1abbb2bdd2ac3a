import type { Spread } from "./statistics.js";
import type { Verdict } from "./verdicts.js";

/** Rows of cells as text, in columns as wide as they need. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

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
