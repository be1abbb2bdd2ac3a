import { describe, expect, it } from "vitest";
import { table } from "../../command-line/table.js";

describe("a table", () => {
  it("has columns as wide as their widest cell, whose colours take no room", () => {
    expect(
      table([
        ["source", "state"],
        ["\u001b[31mgithub-enterprise\u001b[0m", "failed"],
      ]),
    ).toBe("source             state\n\u001b[31mgithub-enterprise\u001b[0m  failed");
  });

  it("may have as many rows as a busy day has webhooks", () => {
    expect(table(Array.from({ length: 200_000 }, () => ["a", "b"])).split("\n")).toHaveLength(200_000);
  });
});
