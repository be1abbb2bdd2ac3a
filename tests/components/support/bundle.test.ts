import { archiveFiles } from "local-aws";
import { describe, expect, it } from "vitest";
import { bundleProcessor } from "../../../components/support/bundle.js";
import type { ProcessorDefinition } from "../../../runtime/stage/definition.js";

const definition: ProcessorDefinition = {
  sources: [{ name: "crm", signature: { kind: "none" }, eventId: [] }],
  timeoutSeconds: 30,
  concurrency: 10,
  historyTtlDays: 60,
  backoff: { baseSeconds: 10, maxSeconds: 900 },
};

/** What a function reads before it can take its first event: the entry, and all that is imported from there. */
async function readAtStart(changes: Partial<ProcessorDefinition>): Promise<string> {
  const { code } = bundleProcessor({ ...definition, ...changes }, "runtime/handlers");
  const files = await archiveFiles(code);
  const texts = new Map<string, string>();
  const read = (name: string): void => {
    if (texts.has(name)) return;
    const text = files.get(name)?.toString() ?? "";
    texts.set(name, text);
    for (const [, imported = ""] of text.matchAll(/\b(?:from|import)"\.\/([^"]+)"/g)) read(imported);
  };
  read("index.mjs");
  return [...texts.values()].join("\n");
}

/** Which of the words the bundle's files contain. */
async function wordsIn(
  words: readonly string[],
  changes: Partial<ProcessorDefinition> = {},
): Promise<string[]> {
  const { code } = bundleProcessor({ ...definition, ...changes }, "runtime/handlers");
  const text = [...(await archiveFiles(code)).values()].join("\n");
  return words.filter((word) => text.includes(word));
}

describe("bundleProcessor", () => {
  it("makes the same files from the same settings", () => {
    const one = bundleProcessor(definition, "runtime/handlers");
    const other = bundleProcessor(definition, "runtime/handlers");
    expect(one.sha256).toBe(other.sha256);
  });

  it("carries S3's client only for a stage with an overflow bucket", async () => {
    expect(await wordsIn(["PutObject", "GetObject"])).toEqual([]);
    expect(await wordsIn(["PutObject", "GetObject"], { overflow: true })).toEqual(["PutObject", "GetObject"]);
  });

  it("carries no way to credentials but the environment", async () => {
    expect(await wordsIn(["AWS_SESSION_TOKEN", "AssumeRoleWithWebIdentity", "sso_start_url"])).toEqual([
      "AWS_SESSION_TOKEN",
    ]);
  });

  it("leaves what only some runs need to their first use, node:http above all", async () => {
    const forward = { url: "https://example.com", timeoutSeconds: 5, permanentStatuses: [] };
    const [crm] = definition.sources;
    const text = await readAtStart({ sources: crm === undefined ? [] : [{ ...crm, forward }] });

    expect(text.includes("GetItem")).toBe(true);
    expect(/\bfrom"node:http"/.test(text)).toBe(false);
    expect(text.includes('ChangeMessageVisibility",')).toBe(false);
    expect(text.includes('GetSecretValue",')).toBe(false);
  });
});
