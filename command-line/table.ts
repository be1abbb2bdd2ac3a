import { stripVTControlCharacters } from "node:util";

/** Rows of cells as text, in columns as wide as they need. Colours take no room. */
export function table(rows: readonly (readonly string[])[]): string {
  const lengthOf = (cell = "") => stripVTControlCharacters(cell).length;
  // Not Math.max(...): a list may have more rows than a call takes arguments.
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, lengthOf(row[column])), 0),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - lengthOf(cell)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
