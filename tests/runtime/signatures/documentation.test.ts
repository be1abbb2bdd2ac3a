import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { presetTable } from "../../support/preset-table.js";

it("says in docs/signatures.md what the presets are, row by row", () => {
  const text = readFileSync(new URL("../../../docs/signatures.md", import.meta.url), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| [`"));
  expect(rows).toEqual(presetTable().split("\n"));
});
