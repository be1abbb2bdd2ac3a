import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { archiveFiles } from "local-aws";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bundleStage } from "../../../components/support/bundle.js";
import stripe from "../../../providers/stripe.js";
import { providers } from "../../../providers/support/known.js";
import type { ProcessorDefinition, SourceDefinition } from "../../../runtime/stage/definition.js";

const crm: SourceDefinition = {
  name: "crm",
  signature: { kind: "none" },
  eventId: [],
  eventType: "json:type",
};
const github: SourceDefinition = { name: "github", signature: { kind: "none" }, eventId: [] };

function stage(...sources: SourceDefinition[]): ProcessorDefinition {
  return {
    sources,
    timeoutSeconds: 30,
    concurrency: 10,
    historyTtlDays: 60,
    backoff: { baseSeconds: 10, maxSeconds: 900 },
    maxReceiveCount: 10,
  };
}

/** The files of a stage whose only function has this definition. */
async function filesOf(
  definition: ProcessorDefinition,
  handlersFolder?: string,
): Promise<Map<string, string>> {
  const archive = bundleStage([definition], handlersFolder).archiveOf(definition);
  return new Map([...(await archiveFiles(archive))].map(([name, content]) => [name, content.toString()]));
}

const textOf = async (...args: Parameters<typeof filesOf>) =>
  [...(await filesOf(...args)).values()].join("\n");

/** The files that a function reads before it can take its first event: the entry, and all that is imported from there at once. */
async function filesAtStart(definition: ProcessorDefinition): Promise<ReadonlyMap<string, string>> {
  const files = await filesOf(definition);
  const texts = new Map<string, string>();
  const read = (name: string): void => {
    if (texts.has(name)) return;
    const text = files.get(name) ?? "";
    texts.set(name, text);
    for (const [, imported = ""] of text.matchAll(/\b(?:from|import)"\.\/([^"]+)"/g)) read(imported);
  };
  read("index.mjs");
  return texts;
}

const readAtStart = async (definition: ProcessorDefinition) =>
  [...(await filesAtStart(definition)).values()].join("\n");

/** Which of the words the bundle's files contain. */
async function wordsIn(words: readonly string[], definition = stage(crm)): Promise<string[]> {
  const text = await textOf(definition);
  return words.filter((word) => text.includes(word));
}

const toGithub = { byEventType: [{ match: "push", to: { handler: "github" } }] };
const fromGithubsHandler = "GitHub sends a ping";

describe("a stage's bundle", () => {
  it("is the same files for the same sources", async () => {
    expect([...(await filesOf(stage(crm)))]).toEqual([...(await filesOf(stage(crm)))]);
  });

  it("is the same code for all functions, with the definition of each beside it as readable data", async () => {
    const shared = stage(crm, github);
    const dedicated = { ...stage(github), timeoutSeconds: 5 };
    const { files, archiveOf } = bundleStage([shared, dedicated], undefined);
    const archives = await Promise.all([shared, dedicated].map((one) => archiveFiles(archiveOf(one))));

    for (const archive of archives) {
      expect([...archive.keys()].sort()).toEqual([...files.keys(), "definition.json"].sort());
      for (const [name, text] of files) expect(archive.get(name)?.toString()).toBe(text);
    }
    const [first, second] = archives.map((archive) => archive.get("definition.json")?.toString() ?? "");
    expect([first, second].map((text) => JSON.parse(text ?? ""))).toEqual([shared, dedicated]);
    expect(second).toContain('\n  "timeoutSeconds": 5\n');
  });

  it("is the same code whatever the settings say", () => {
    const changed = { ...stage({ ...crm, redact: ["json:email"] }), timeoutSeconds: 7 };

    expect(bundleStage([changed], undefined).files).toEqual(bundleStage([stage(crm)], undefined).files);
  });

  it("carries the clients only of the targets that the stage has", async () => {
    const calls = ["AWSEvents", "AWSStepFunctions", "Firehose_20150804", "Kinesis_20131202"];
    expect(await wordsIn(calls)).toEqual([]);
    const eventBus = {
      kind: "eventBus",
      arn: "arn:aws:events:eu-west-1:1:event-bus/a",
      format: "raw",
    } as const;
    const definition = stage({ ...crm, target: eventBus });
    expect(await wordsIn(calls, definition)).toEqual(["AWSEvents"]);
    expect(await readAtStart(definition)).not.toContain("AWSEvents");
  });

  it("carries EventBridge's client for a stage that sends events about itself, until the first one unread", async () => {
    const events = { bus: "ops", pipeline: "hooks", stage: "dev", rejectedWebhooks: 10 };
    const definition = { ...stage(crm), events };
    expect(await wordsIn(["AWSEvents"])).toEqual([]);
    expect(await wordsIn(["AWSEvents"], definition)).toEqual(["AWSEvents"]);
    expect(await readAtStart(definition)).not.toContain("AWSEvents");
  });

  it("carries S3's client only for a stage with an overflow bucket", async () => {
    expect(await wordsIn(["PutObject", "GetObject"])).toEqual([]);
    expect(await wordsIn(["PutObject", "GetObject"], { ...stage(crm), overflow: true })).toEqual([
      "PutObject",
      "GetObject",
    ]);
  });

  it("carries no way to credentials but the environment", async () => {
    expect(await wordsIn(["AWS_SESSION_TOKEN", "AssumeRoleWithWebIdentity", "sso_start_url"])).toEqual([
      "AWS_SESSION_TOKEN",
    ]);
  });

  it("is read from two files at a cold start, because each costs time", async () => {
    const forward = { url: "https://example.com", timeoutSeconds: 5, permanentStatuses: [] };
    const definition = stage({ ...crm, forward }, github);

    expect((await filesOf(definition)).size).toBeGreaterThan(8);
    expect((await filesAtStart(definition)).size).toBe(2);
  });

  it("leaves what only some runs need to their first use, node:http above all", async () => {
    const forward = { url: "https://example.com", timeoutSeconds: 5, permanentStatuses: [] };
    const text = await readAtStart(stage({ ...crm, forward }, github));

    expect(text.includes("GetItem")).toBe(true);
    expect(/\bfrom"node:http"/.test(text)).toBe(false);
    expect(text.includes('ChangeMessageVisibility",')).toBe(false);
    expect(text.includes('GetSecretValue",')).toBe(false);
    expect(text.includes(fromGithubsHandler)).toBe(false);
  });

  it("loads the library for signed tokens, and the way to their keys, with the first token alone", async () => {
    const { signature } = providers.plaid ?? stripe;
    const withTokens = stage({ ...crm, signature });
    const words = ["ERR_JWKS_NO_MATCHING_KEY", "only https: addresses are allowed"];

    expect(await wordsIn(words, withTokens)).toEqual(words);
    const text = await readAtStart(withTokens);
    expect(words.filter((word) => text.includes(word))).toEqual([]);
  });

  it("loads the matching of values with the first webhook that a pattern is to judge", async () => {
    const pattern = { fields: [{ path: ["body", "a"], clauses: [1] }], anyOf: [[0]] };
    const withPattern = stage({ ...crm, filter: { pattern } });
    const words = ["no single member of a list fits"];

    expect(await wordsIn(words, withPattern)).toEqual(words);
    const text = await readAtStart(withPattern);
    expect(words.filter((word) => text.includes(word))).toEqual([]);
  });

  it("has the handlers that sources are named like or route to, and no others", async () => {
    expect(await textOf(stage(crm))).not.toContain(fromGithubsHandler);
    expect(await textOf(stage(github))).toContain(fromGithubsHandler);
    expect(await textOf(stage({ ...crm, routes: toGithub }))).toContain(fromGithubsHandler);
    const otherwise = { byEventType: [], otherwise: { handler: "github" } };
    expect(await textOf(stage({ ...crm, routes: otherwise }))).toContain(fromGithubsHandler);
  });

  it("holds of the providers only how the stage's own sources sign", async () => {
    const { signature, eventId } = stripe;
    const text = await textOf(stage({ ...crm, signature, eventId }));
    expect(text).toContain("stripe-signature");
    for (const { links, secret, sample } of Object.values(providers)) {
      for (const known of [...links, secret.store, sample.body]) expect(text).not.toContain(known);
    }
    expect(text).not.toContain("x-shopify-hmac-sha256");
  });

  it("is refused without a handler that a source routes to, by the file's name", () => {
    const routes = { byEventType: [{ match: "push", to: { handler: "gone" } }] };
    expect(() => bundleStage([stage({ ...crm, routes })], undefined)).toThrow(
      "runtime/handlers/gone.ts: is missing; the source crm routes to it",
    );
  });

  it("is refused with a forward that would never run, because the source's handler file takes all webhooks", () => {
    const target = { url: "https://example.com", timeoutSeconds: 10, permanentStatuses: [] };
    const forward = { ...github, forward: target };
    expect(() => bundleStage([stage(forward)], undefined)).toThrow(
      "runtime/handlers/github.ts: takes all webhooks of the source github, so that its forward would never run: " +
        "delete one of the two, or name forward in the source's routes",
    );
    const byType = { byEventType: [{ match: "push", to: "forward" }] } as const;
    const rest = { byEventType: [{ match: "push", to: "record" }], otherwise: "forward" } as const;
    for (const routes of [byType, rest]) {
      expect(() => bundleStage([stage({ ...forward, routes })], undefined)).not.toThrow();
    }
    expect(() => bundleStage([stage({ ...forward, name: "crm" })], undefined)).not.toThrow();
  });

  it("is refused with a handler that exports nothing as its default, by the file's name", () => {
    expect(() => bundleStage([stage(github)], "tests/fixtures/handlers/no-default")).toThrow(
      "tests/fixtures/handlers/no-default/github.ts: has no default export; a handler file ends in",
    );
  });

  it("has a source's schema as code in the archives of its functions alone, the same each time", async () => {
    const withSchema = stage({ ...crm, schema: { type: "object", required: ["id"] } });
    const { archiveOf } = bundleStage([withSchema, stage(github)], undefined);
    const [ofCrm, ofGithub] = await Promise.all(
      [withSchema, stage(github)].map((definition) => archiveFiles(archiveOf(definition))),
    );

    const validator = ofCrm?.get("validators/crm.mjs")?.toString();
    expect(validator).toContain('missingProperty: "id"');
    expect((await filesOf(withSchema)).get("validators/crm.mjs")).toBe(validator);
    expect([...(ofGithub?.keys() ?? [])].filter((name) => name.startsWith("validators/"))).toEqual([]);
  });
});

const defineHandlerFile = fileURLToPath(new URL("../../../runtime/define-handler.ts", import.meta.url));

describe("a stage's bundle in another program", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "other-program-"));
    vi.spyOn(process, "cwd").mockReturnValue(folder);
  });

  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text.replace("RUNTIME", defineHandlerFile));
  }

  it("has that program's handlers and this package's runtime", async () => {
    write("hooks/github.ts", 'export default () => console.log("from the other program");');

    const text = await textOf(stage(github), "hooks");
    expect(text).toContain("from the other program");
    expect(text).toContain("WEBHOOK_QUEUE_URL");
    expect(text).not.toContain(fromGithubsHandler);
    expect(text).not.toContain(relative("/", folder));
  });

  it("is the same wherever the two stand to each other", async () => {
    for (const file of ["hooks/github.ts", "hooks/moved/deeper/github.ts"]) {
      write(file, 'import { defineHandler } from "RUNTIME"; export default defineHandler(() => {});');
    }

    expect([...(await filesOf(stage(github), "hooks"))]).toEqual([
      ...(await filesOf(stage(github), "hooks/moved/deeper")),
    ]);
  });

  it("needs no folder of handlers, unless it names one", async () => {
    expect(await textOf(stage(github))).not.toContain(fromGithubsHandler);
    expect(() => bundleStage([stage(github)], "hooks")).toThrow(
      "there is no folder hooks in the program's folder",
    );
  });

  it("is made anew when a handler has changed since", async () => {
    write("hooks/github.ts", 'export default () => console.log("one");');
    expect(await textOf(stage(github), "hooks")).toContain("one");

    write("hooks/github.ts", 'export default () => console.log("another");');
    expect(await textOf(stage(github), "hooks")).toContain("another");
  });

  it("names what is wrong in a handler by its path from there", () => {
    write("hooks/github.ts", "export default (");
    expect(() => bundleStage([stage(github)], "hooks")).toThrow(/^hooks\/github\.ts:1:/);
  });
});
