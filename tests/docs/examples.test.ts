import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isMap, parseDocument } from "yaml";
import { parseSettings } from "../../settings/settings.js";
import { repositoryFiles, root } from "../support/imports.js";

const group = "webhook-pipeline:";

interface Example {
  /** Page and line. */
  readonly where: string;
  readonly yaml: string;
}

/** The blocks of a page that are in YAML. All of them show settings. */
function examplesOf(page: string): Example[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```ya?ml\n(.+?)^```/gms)].map(({ 1: yaml = "", index }) => ({
    where: `${page}:${text.slice(0, index).split("\n").length}`,
    yaml,
  }));
}

/** A block's settings. A setting that stands there several times is shown in several ways, each for itself. */
function alternativesIn(yaml: string): Record<string, unknown>[] {
  const document = parseDocument(yaml, { uniqueKeys: false });
  if (document.errors.length > 0 || !isMap(document.contents))
    throw new Error(`${yaml} is no map of settings`);
  const alternatives: Record<string, unknown>[] = [];
  for (const { key, value } of document.contents.items) {
    const [setting, shown] = [String(key), document.createNode(value).toJS(document)];
    const last = alternatives.at(-1);
    if (last === undefined || Object.hasOwn(last, setting)) alternatives.push({ [setting]: shown });
    else last[setting] = shown;
  }
  return alternatives;
}

/**
 * A whole stage for what is shown: groups of a stage's file as they are, the properties of a program's component, anything else as
 * settings of one source.
 */
function stageOf(shown: Record<string, unknown>): Record<string, unknown> {
  const { webhooks } = (shown.resources ?? {}) as { webhooks?: { properties: Record<string, unknown> } };
  if (webhooks !== undefined) return webhooks.properties;
  const source = { name: "github", signature: { scheme: "github" } };
  const isStage = Object.keys(shown).some((key) => key.startsWith(group));
  if (!isStage) return { sources: [{ ...source, ...shown }] };
  const groups = Object.entries(shown).map(([key, value]) => [key.replace(group, ""), value]);
  return { sources: [source], ...Object.fromEntries(groups) };
}

const examples = repositoryFiles()
  .filter((file) => file.endsWith(".md"))
  .flatMap(examplesOf);

describe("an example of settings in the documentation", () => {
  it.each(examples.map(({ where, yaml }) => [where, yaml]))("is taken as it is: %s", (_, yaml) => {
    for (const shown of alternativesIn(yaml)) expect(() => parseSettings(stageOf(shown))).not.toThrow();
  });

  it("is there for each setting that has a page or a chapter of its own", () => {
    const shown = examples.map(({ yaml }) => yaml).join("");
    for (const setting of ["events:", "filter:", "pattern:", "subscribers:", "target:", "breaker:"]) {
      expect(shown).toContain(setting);
    }
  });
});
