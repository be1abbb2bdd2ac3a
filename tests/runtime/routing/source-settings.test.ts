import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import {
  defineHandler,
  InvalidWebhookError,
  RetryLaterError,
  type WebhookHandler,
} from "../../../runtime/define-handler.js";
import { loadPayload, type OverflowStore } from "../../../runtime/payload/overflow.js";
import { unpackPayload } from "../../../runtime/payload/payload.js";
import type { ProcessorDefinition, SourceDefinition } from "../../../runtime/stage/definition.js";
import { sharedHistoryTable } from "../../support/dynamodb.js";
import { crmWebhook, definition, githubWebhook, startProcessor } from "../../support/processor.js";
import { sqsRecord } from "../../support/sqs-events.js";
import { startTarget } from "../../support/target.js";

const database = await sharedHistoryTable();
let serial = 0;
let id: string;
beforeEach(() => {
  id = `setting-${++serial}`;
});

/** A stage whose sources have these settings besides their own. */
function stage(
  changes: Partial<SourceDefinition>,
  {
    handler,
    overflow,
    stageChanges = {},
  }: { handler?: WebhookHandler; overflow?: OverflowStore; stageChanges?: Partial<ProcessorDefinition> } = {},
) {
  const sources = definition.sources.map((source) => ({ ...source, ...changes }));
  const handlers = handler === undefined ? {} : { crm: handler, github: handler };
  return startProcessor(database, handlers, {
    definition: { sources, ...stageChanges },
    dependencies: overflow === undefined ? {} : { overflow },
  });
}

const failing = defineHandler(() => {
  throw new Error("the shop is down");
});
const refusing = defineHandler(() => {
  throw new InvalidWebhookError("told to be invalid");
});
const large = () => ({ noise: randomBytes(400 * 1024).toString("base64") });

function bucket(): OverflowStore & { readonly objects: Map<string, Uint8Array> } {
  const objects = new Map<string, Uint8Array>();
  return {
    objects,
    put: async (key, bytes) => void objects.set(key, bytes),
    get: async (key) => objects.get(key) ?? new Uint8Array(),
  };
}

const failuresOf = (response: { batchItemFailures: { itemIdentifier: string }[] }) =>
  response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);

describe("backoff", () => {
  it("is the source's own where it has one, and the stage's where it has none", async () => {
    const own = stage({ backoff: { baseSeconds: 100, maxSeconds: 300 } }, { handler: failing });
    await own.run([
      sqsRecord(crmWebhook(`${id}-a`), { messageId: "first" }),
      sqsRecord(crmWebhook(`${id}-b`), { messageId: "ninth", receiveCount: 9 }),
    ]);
    expect(Object.fromEntries(own.delays)).toEqual({ first: 50, ninth: 150 });

    const shared = stage({}, { handler: failing });
    await shared.run([sqsRecord(crmWebhook(`${id}-c`), { messageId: "first" })]);
    expect(Object.fromEntries(shared.delays)).toEqual({ first: 5 });
  });

  it.each([
    ["for as long as its handler asks for, and a random part of the base", 120, 125],
    ["no longer than the longest delay", 86_400, 900],
    ["as usual, where the handler asks for nothing", undefined, 5],
    ["as usual, where the handler cannot count", Number.NaN, 5],
  ])("waits %s", async (_, afterSeconds, delay) => {
    const handler = defineHandler(() => {
      throw new RetryLaterError("the shop is busy", { afterSeconds });
    });
    const processor = stage({}, { handler });
    await processor.run([sqsRecord(crmWebhook(id), { messageId: "m" })]);
    expect(processor.delays.get("m")).toBe(delay);
    expect(await database.item(`crm/${id}`)).toMatchObject({
      status: "failed",
      reason: "RetryLaterError: the shop is busy",
    });
  });
});

describe("forwarding", () => {
  it("works from the queue to the history, with the target's wish for the next try", async () => {
    let status = 503;
    const target = await startTarget((_, response) =>
      response.writeHead(status, { "retry-after": "60" }).end("secret content"),
    );
    const forward = {
      url: target.origin,
      timeoutSeconds: 5,
      permanentStatuses: [410],
      allowPrivateNetwork: true,
    };
    const processor = stage({ forward });

    const record = sqsRecord(crmWebhook(id), { messageId: "m" });
    expect(failuresOf(await processor.run([record]))).toEqual(["m"]);
    expect(processor.delays.get("m")).toBe(65);
    status = 200;
    expect(failuresOf(await processor.run([record]))).toEqual([]);
    expect(await database.item(`crm/${id}`)).toMatchObject({ status: "processed", attempts: 2 });
    expect(target.requests.map(({ headers }) => headers["webhook-attempt"])).toEqual(["1", "2"]);
    expect(target.requests[1]?.headers["webhook-id"]).toBe(`crm/${id}`);

    status = 410;
    await processor.run([sqsRecord(crmWebhook(`${id}-gone`))]);
    expect(await database.item(`crm/${id}-gone`)).toMatchObject({
      status: "invalid",
      reason: expect.stringContaining("410"),
    });
    expect(processor.lines.join()).not.toContain("secret content");
    await target.stop();
  });
});

describe("a filter by values", () => {
  /** The pattern `{ body: { amount: [{ numeric: [">", 100] }], customer: { email: [{ suffix: "@example.com" }] } } }`. */
  const filter = {
    pattern: {
      fields: [
        { path: ["body", "amount"], clauses: [{ numeric: [[">", 100]] }] },
        { path: ["body", "customer", "email"], clauses: [{ exists: false }, { suffix: "@example.com" }] },
      ],
      anyOf: [[0, 1]],
    },
  } as const;
  const ended = async (itemId: string) => {
    const { status, reason } = (await database.item(`crm/${itemId}`)) ?? {};
    return { status, reason };
  };

  it("keeps in the history and in the log what decided", async () => {
    const seen: unknown[] = [];
    const processor = stage({ filter }, { handler: defineHandler(({ eventId }) => void seen.push(eventId)) });
    await processor.run([
      sqsRecord(crmWebhook(id, { amount: 5 })),
      sqsRecord(crmWebhook(`${id}-b`, { amount: 500 })),
    ]);

    const reason = "filter.pattern: body.amount was 5, needs > 100";
    expect(await ended(id)).toEqual({ status: "ignored", reason });
    expect(await ended(`${id}-b`)).toEqual({ status: "processed", reason: undefined });
    expect(seen).toEqual([`${id}-b`]);
    expect(processor.outcomes()).toContainEqual(
      expect.objectContaining({ message: "webhook ignored", webhook_id: `crm/${id}`, reason }),
    );
  });

  it.each<[string, Partial<SourceDefinition>, Partial<ProcessorDefinition>]>([
    ["a redacted value", { redact: ["json:customer.email"] }, {}],
    ["any value, where the source keeps no payload", { keepPayload: "none" }, {}],
    ["any value, where the stage keeps no payload", {}, { keepPayload: "none" }],
  ])("shows neither the history nor the log %s", async (_, changes, stageChanges) => {
    const processor = stage({ filter, ...changes }, { stageChanges });
    const customer = { email: "ada@example.org" };
    await processor.run([sqsRecord(crmWebhook(id, { amount: 500, customer }))]);

    expect(await ended(id)).toEqual({
      status: "ignored",
      reason:
        'filter.pattern: body.customer.email was [redacted], needs no value or a text that ends with "@example.com"',
    });
    expect(processor.lines.join()).not.toContain("ada@example.org");
  });
});

describe("redaction", () => {
  it("concerns the history alone: the handler sees everything", async () => {
    const seen: unknown[] = [];
    const handler = defineHandler((webhook) => void seen.push(webhook.json()));
    const processor = stage({ redact: ["json:customer.email"] }, { handler });
    await processor.run([sqsRecord(crmWebhook(id, { customer: { email: "ada@example.com" } }))]);

    expect(seen).toEqual([{ id, customer: { email: "ada@example.com" } }]);
    const item = await database.item(`crm/${id}`);
    const stored = await unpackPayload(item?.payload ?? new Uint8Array());
    expect(JSON.parse(stored.body.toString())).toEqual({ id, customer: { email: "[redacted]" } });
    expect(stored.redacted).toEqual(["json:customer.email"]);
  });

  it("lets the replay of a rejected webhook find the item that it came from", async () => {
    const processor = stage({ redact: ["json:email"] }, { handler: defineHandler(() => {}) });
    const forged = await githubWebhook(id, { secret: "guessed", body: '{ "email": "ada@example.com" }' });
    await processor.run([sqsRecord(forged)]);
    const rejected = await database.listed(
      "by_attention",
      Array.from({ length: 8 }, (_, shard) => `rejected#${shard}`),
    );
    expect(rejected).toHaveLength(1);

    const item = await database.item(rejected[0] ?? "");
    const stored = await unpackPayload(item?.payload ?? new Uint8Array());
    expect(stored.body.toString()).toBe('{ "email": "[redacted]" }');
    await processor.run([sqsRecord({ ...stored, replayId: "r-1" })]);
    expect(
      await database.listed(
        "by_attention",
        Array.from({ length: 8 }, (_, shard) => `rejected#${shard}`),
      ),
    ).toEqual(rejected);
  });
});

describe("keepPayload", () => {
  it.each([
    ["of its source", { keepPayload: "none" }, {}],
    ["of the stage", {}, { keepPayload: "none" }],
  ] as const)(
    "none %s leaves hash and length, also of what is invalid, which is done with",
    async (_, source, whole) => {
      const processor = stage(source, { handler: refusing, stageChanges: whole });
      expect(failuresOf(await processor.run([sqsRecord(crmWebhook(id))]))).toEqual([]);
      const item = await database.item(`crm/${id}`);
      expect(item).toMatchObject({
        status: "invalid",
        omittedBody: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      });
      expect(item?.payload).toBeUndefined();
    },
  );

  it("all of a source stands above none of the stage", async () => {
    const handler = defineHandler(() => {});
    const processor = stage({ keepPayload: "all" }, { handler, stageChanges: { keepPayload: "none" } });
    await processor.run([sqsRecord(crmWebhook(id))]);
    expect((await database.item(`crm/${id}`))?.payload).toBeDefined();
  });
});

describe("a payload that no item can hold", () => {
  it("stands in the bucket, with a pointer in its item, whatever becomes of the webhook", async () => {
    const overflow = bucket();
    const processor = stage({}, { handler: refusing, overflow });
    const invalid = crmWebhook(id, large());
    const forged = await githubWebhook(id, { secret: "guessed", body: JSON.stringify(large()) });
    const records = [sqsRecord(invalid), sqsRecord(forged)];

    expect(failuresOf(await processor.run(records))).toEqual([]);
    const item = await database.item(`crm/${id}`);
    expect(item).toMatchObject({ status: "invalid", reason: "told to be invalid" });
    expect(item?.payload).toBeUndefined();
    expect(await loadPayload(item ?? {}, overflow)).toEqual(invalid);
    expect(processor.metric("Rejected")).toBe(1);
    expect(overflow.objects.size).toBe(2);
  });

  it("that cannot be stored is tried again without having been handled", async () => {
    let handled = 0;
    const overflow = bucket();
    const broken = { ...overflow, put: () => Promise.reject(new Error("S3 is down")) };
    const handler = defineHandler(() => void handled++);
    const webhook = crmWebhook(id, large());
    const first = stage({}, { handler, overflow: broken });
    expect(failuresOf(await first.run([sqsRecord(webhook, { messageId: "m" })]))).toEqual(["m"]);
    expect(handled).toBe(0);
    expect(await database.item(`crm/${id}`)).toMatchObject({
      status: "failed",
      reason: "its payload could not be stored in the overflow bucket: Error: S3 is down",
    });

    const second = stage({}, { handler, overflow });
    expect(failuresOf(await second.run([sqsRecord(webhook)]))).toEqual([]);
    expect(handled).toBe(1);
    const item = await database.item(`crm/${id}`);
    expect(item).toMatchObject({ status: "processed", attempts: 2 });
    expect(item?.omittedBody).toBeUndefined();
    expect(await loadPayload(item ?? {}, overflow)).toEqual(webhook);
  });
});
