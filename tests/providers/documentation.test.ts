import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { documents, rewritten } from "../../providers/documentation/tables.js";
import { providers } from "../../providers/support/known.js";
import { parseSettings } from "../../settings/settings.js";

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

describe.each(Object.entries(documents))("%s", (path, parts) => {
  it("says what the files in providers/ say", () => {
    const text = textOf(path);
    expect(rewritten(text, parts, providers) === text, `${path} is out of date: run npm run docs`).toBe(true);
  });
});

it("has an entry for each provider that a stage takes as it is", () => {
  const rows = textOf("docs/ingest.md").matchAll(/`(\{ name: .+? \})` \|/g);
  const entries = [...rows].map(([, entry = ""]) => parse(entry) as { name: string });

  expect(entries.map(({ name }) => name)).toEqual(Object.keys(providers));
  for (const entry of entries) expect(() => parseSettings({ sources: [entry] })).not.toThrow();
});

describe("a document that is written from the providers", () => {
  const parts = { names: () => "all of them" };

  it("is written between the markers, and nowhere else", () => {
    const text = "before\n<!-- providers: names -->\nold\n<!-- end -->\nafter\n";
    expect(rewritten(text, parts, providers)).toBe(
      "before\n<!-- providers: names -->\nall of them\n<!-- end -->\nafter\n",
    );
  });

  it("must have a place for each part", () => {
    expect(() => rewritten("no marker", parts, providers)).toThrow(
      "there is no <!-- providers: names --> in the document",
    );
    expect(() => rewritten("<!-- providers: nams -->\n<!-- end -->", parts, providers)).toThrow(
      '"nams" is no part',
    );
  });
});
