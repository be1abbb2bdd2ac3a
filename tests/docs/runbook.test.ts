import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type AlarmKind, alarmKinds, descriptionOf, runbookSection } from "../../components/alarms/kinds.js";
import { operatorsCommands, sectionsOf, shellLines, wordsOf } from "../support/documented-commands.js";
import { root } from "../support/imports.js";

const runbook = "docs/runbook.md";
const sections = sectionsOf(runbook);
const pages = [runbook, "docs/operations.md"];

/** What each section says, in this order. */
const parts = [
  "What it means",
  "Who is hurt",
  "Look",
  "Stop the bleeding",
  "Mend",
  "Bring back",
  "Afterwards",
];

describe("the runbook", () => {
  it("has one section for each kind of alarm, in their order, and no other", () => {
    expect(sections.map(({ heading }) => heading)).toEqual(Object.keys(alarmKinds));
  });

  it.each(sections.map(({ heading, text }) => [heading, text]))(
    "says all of %s that somebody needs at night",
    (heading, text) => {
      const said = [...text.matchAll(/^\*\*([^.*]+)\.\*\*/gm)].flatMap(([, part = ""]) => part.split(", "));
      expect(said.map((part) => part.toLowerCase())).toEqual(parts.map((part) => part.toLowerCase()));
      const look = text.slice(text.indexOf("**Look."), text.indexOf("**Stop the bleeding"));
      expect([heading, operatorsCommands(look).length > 0]).toEqual([heading, true]);
    },
  );

  it.each(Object.keys(alarmKinds) as AlarmKind[])(
    "is where the alarm %s leads, in every clone and in a wiki",
    (kind) => {
      const [page = "", anchor] = runbookSection(kind).split("#");
      expect(existsSync(join(root, page))).toBe(true);
      expect(sectionsOf(page).filter(({ heading }) => heading === anchor)).toHaveLength(1);
      expect(descriptionOf(kind, { stack: "prod" })).toMatch(new RegExp(`Runbook: ${runbookSection(kind)}$`));
      expect(descriptionOf(kind, { stack: "prod", runbookUrl: "https://wiki.example/hooks" })).toMatch(
        new RegExp(`Runbook: https://wiki\\.example/hooks#${kind}$`),
      );
    },
  );
});

/** Commands of the AWS CLI that are no call of the API's. */
const waiting = /^(wait|tail)$/;

/** The calls of a service's client, and the names of their inputs, as its types have them. */
function callsOf(service: string): { readonly names: Set<string>; readonly types: string } {
  const folder = join(
    root,
    "node_modules/@aws-sdk",
    `client-${service === "secretsmanager" ? "secrets-manager" : service === "logs" ? "cloudwatch-logs" : service}`,
    "dist-types",
  );
  const names = new Set(
    readdirSync(join(folder, "commands")).map((file) => file.replace(/Command\.d\.ts$/, "")),
  );
  const types = readdirSync(join(folder, "models"))
    .map((file) => readFileSync(join(folder, "models", file), "utf8"))
    .join("\n");
  return { names, types };
}

const pascal = (text: string) =>
  text.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

describe.each(pages)("a command in %s", (page) => {
  const text = sectionsOf(page)
    .map((section) => section.text)
    .join("\n");
  const ofAws = shellLines(text).filter((line) => line.startsWith("aws "));
  it.each(ofAws)("of the AWS CLI is a call of the service's, with inputs that it has: %s", (line) => {
    const [, service = "", call = "", ...rest] = wordsOf(line);
    if (waiting.test(call)) return;
    const { names, types } = callsOf(service);
    expect([...names]).toContain(pascal(call));
    for (const option of rest.filter((word) => word.startsWith("--")).map((word) => pascal(word.slice(2)))) {
      expect(types).toMatch(
        new RegExp(`^ +(${option}|${option[0]?.toLowerCase()}${option.slice(1)})\\??:`, "m"),
      );
    }
  });

  it("begins with npm run ops or aws, and is no other program's", () => {
    expect(shellLines(text).filter((line) => !/^(npm run ops -- |aws )/.test(line))).toEqual([]);
  });
});
