import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { commandReference } from "../../command-line/reference.js";
import { leavesOf, programOf } from "../../command-line/run-command.js";
import { operatorsCommand } from "../../ops/command.js";
import { withCommands } from "../../ops/documentation/reference.js";

const page = readFileSync(new URL("../../docs/ops.md", import.meta.url), "utf8");

describe("docs/ops.md", () => {
  it("has the help of every command as it is; npm run docs writes it", () => {
    expect(withCommands(page)).toBe(page);
  });
});

describe("the help of", () => {
  const names = leavesOf(programOf(operatorsCommand)).map((command) => command.name());
  const sections = commandReference(operatorsCommand).split(/^### /m).slice(1);

  it.each(names)("%s says what it does, and has an example", (name) => {
    const section = sections.find((each) => each.split("\n")[0]?.split(" ").at(-1) === name) ?? "";
    expect(section).toMatch(/Usage: npm run ops -- /);
    expect(section).toMatch(/\nExamples?:\n/);
  });
});
