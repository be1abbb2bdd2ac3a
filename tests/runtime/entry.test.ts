import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { archiveFiles } from "local-aws";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bundleStage } from "../../components/support/bundle.js";
import type { BatchHandler } from "../../runtime/handler.js";
import type { ProcessorDefinition, SourceDefinition } from "../../runtime/stage/definition.js";
import { type LocalHistoryTable, startHistoryTable } from "../support/dynamodb.js";
import { definition as stage } from "../support/processor.js";
import { envelopeOf, lambdaContext, sqsEvent, sqsRecord } from "../support/sqs-events.js";

const source = (name: string, more: Partial<SourceDefinition> = {}): SourceDefinition => ({
  name,
  signature: { kind: "none" },
  eventId: ["json:id"],
  ...more,
});

describe("a function of a stage", () => {
  let folder: string;
  let database: LocalHistoryTable;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "stage-bundle-"));
    database = await startHistoryTable();
    const variables = {
      WEBHOOK_QUEUE_URL: "http://127.0.0.1:1/000000000000/webhooks",
      WEBHOOK_HISTORY_TABLE: database.table,
      WEBHOOK_LOG_LEVEL: "ERROR",
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL_DYNAMODB: database.endpoint,
    };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
    await database.stop();
  });

  function write(file: string, content: string | Buffer): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }

  /** Starts the function of one definition from its archive, as Lambda does, in a stage of all of them. */
  async function start(
    definition: ProcessorDefinition,
    ...others: ProcessorDefinition[]
  ): Promise<BatchHandler> {
    const { archiveOf } = bundleStage([definition, ...others], join(folder, "handlers"));
    const archive = `archive-of-${definition.sources[0]?.name}`;
    for (const [name, content] of await archiveFiles(archiveOf(definition)))
      write(`${archive}/${name}`, content);
    write(`${archive}/secret-names.json`, "{}");
    const { href } = pathToFileURL(join(folder, archive, "index.mjs"));
    const { handler } = (await import(/* @vite-ignore */ href)) as { handler: BatchHandler };
    return handler;
  }

  /** What becomes of a webhook. */
  async function statusOf(
    handler: BatchHandler,
    name: string,
    body: { readonly id: string; readonly [key: string]: unknown },
  ): Promise<unknown> {
    const envelope = envelopeOf({ source: name, headers: [], body: Buffer.from(JSON.stringify(body)) });
    await handler(sqsEvent(sqsRecord(envelope)), lambdaContext());
    return (await database.item(`${name}/${body.id}`))?.status;
  }

  it("runs its own source's handler, and never loads another function's", async () => {
    write("handlers/crm.ts", 'export default () => ({ ignored: "seen" });');
    write("handlers/shop.ts", 'throw new Error("this file was loaded"); export default () => {};');
    const crm = { ...stage, sources: [source("crm")] };
    const shop = { ...stage, sources: [source("shop")] };

    expect(await statusOf(await start(crm, shop), "crm", { id: "1" })).toBe("ignored");
    await expect(start(shop, crm)).rejects.toThrow("this file was loaded");
  });

  it("does not start with a handler that is no function, and says so", async () => {
    write("handlers/crm.ts", "export default { handle() {} };");

    await expect(start({ ...stage, sources: [source("crm")] })).rejects.toThrow(
      "the handler crm is not a function: give its file export default defineHandler(…)",
    );
  });

  it("checks bodies against its sources' schemas, whatever of ajv's they need", async () => {
    write("handlers/crm.ts", "export default () => {};");
    const schema = {
      type: "object",
      properties: {
        name: { type: "string", minLength: 2 },
        list: { type: "array", uniqueItems: true },
        at: { type: "string", format: "date-time" },
      },
    };
    const handler = await start({ ...stage, sources: [source("crm", { schema })] });
    const fits = { id: "fits", name: "ab", list: [{ a: 1 }, { a: 2 }], at: "2026-01-01T00:00:00Z" };

    expect(await statusOf(handler, "crm", fits)).toBe("processed");
    expect(await statusOf(handler, "crm", { ...fits, id: "short", name: "a" })).toBe("invalid");
    expect(await statusOf(handler, "crm", { ...fits, id: "twice", list: [{ a: 1 }, { a: 1 }] })).toBe(
      "invalid",
    );
    expect(await statusOf(handler, "crm", { ...fits, id: "noon", at: "noon" })).toBe("invalid");
  });
});
