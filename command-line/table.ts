import { stripVTControlCharacters } from "node:util";

/** Rows of cells as text, in columns as wide as they need. Colours take no room. */
export function table(rows: readonly (readonly string[])[]): string {
  const lengthOf = (cell = "") => stripVTControlCharacters(cell).length;
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => lengthOf(row[column]))));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - lengthOf(cell)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
