import { createHash, randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { SQSRecord } from "aws-lambda";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import {
  defineHandler,
  InvalidWebhookError,
  ignore,
  RetryLaterError,
  type WebhookHandler,
} from "../../runtime/define-handler.js";
import { encodeEnvelope } from "../../runtime/envelope/envelope.js";
import type { Webhook } from "../../runtime/envelope/webhook.js";
import { createHandler } from "../../runtime/handler.js";
import { createHistory, type History } from "../../runtime/history/history.js";
import { attentionKeys } from "../../runtime/history/item.js";
import { unpackPayload } from "../../runtime/payload/payload.js";
import { NotTriedError } from "../../runtime/routing/webhook-handler.js";
import { sharedHistoryTable } from "../support/dynamodb.js";
import { crmWebhook, definition, githubSecret, githubWebhook, startProcessor } from "../support/processor.js";
import { envelopeOf, lambdaContext, sqsRecord } from "../support/sqs-events.js";

const database = await sharedHistoryTable();
let serial = 0;
let id: string;
beforeEach(() => {
  id = `event-${++serial}`;
});

/** A handler that does what the body's `do` says, and remembers whom it saw. */
function obedientHandler(seen: Webhook[] = []): WebhookHandler {
  return defineHandler(async (webhook) => {
    seen.push(webhook);
    const { do: what } = webhook.json() as { do?: string };
    if (what === "ignore") return ignore("told to");
    if (what === "invalid") throw new InvalidWebhookError("told to be invalid");
    if (what === "fail") throw new Error("the shop is down");
    if (what === "throw text") throw "just text";
    if (what === "hang") await new Promise(() => {});
  });
}

const failuresOf = (response: { batchItemFailures: { itemIdentifier: string }[] }) =>
  response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);

describe("a genuine webhook", () => {
  it("reaches its handler with every byte, and is remembered with them", async () => {
    const seen: Webhook[] = [];
    const body = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const processor = startProcessor(database, { crm: defineHandler((webhook) => void seen.push(webhook)) });
    const envelope = envelopeOf({ source: "crm", body, headers: [["X-Mixed-Case", "värde"]] });

    expect(await processor.run([sqsRecord(envelope)])).toEqual({ batchItemFailures: [] });

    const webhookId = `crm/body-sha256:${createHash("sha256").update(body).digest("hex")}`;
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ id: webhookId, attempt: 1 });
    expect(seen[0]?.body.equals(body)).toBe(true);
    expect(seen[0]?.headers.get("x-mixed-case")).toBe("värde");
    const item = await database.item(webhookId);
    expect(item).toMatchObject({ status: "processed" });
    expect(await unpackPayload(item?.payload ?? new Uint8Array())).toEqual(envelope);
  });

  it("is believed by its signature, logged on one line and counted", async () => {
    const processor = startProcessor(database, { github: defineHandler(() => {}) });
    processor.advance(4_000);
    await processor.run([sqsRecord(await githubWebhook(id), { messageId: "m-1", receiveCount: 3 })]);

    expect(processor.outcomes()).toEqual([
      {
        level: "INFO",
        timestamp: "2026-01-01T00:00:04.000Z",
        message: "webhook processed",
        lambda_request_id: lambdaContext().awsRequestId,
        webhook_id: `github/${id}`,
        source: "github",
        request_id: "JKJaXFPLrQHFoBA=",
        message_id: "m-1",
        receive_count: 3,
        attempt: 1,
        latency_ms: 4_000,
        handler_ms: 0,
      },
    ]);
    expect(processor.metric("Processed")).toBe(1);
  });

  it("is recorded as processed where its source has no handler", async () => {
    const processor = startProcessor(database, {});
    const webhook = { ...crmWebhook(id), source: "quiet" };

    expect(failuresOf(await processor.run([sqsRecord(webhook)]))).toEqual([]);
    expect(await database.item(`quiet/${id}`)).toMatchObject({ status: "processed" });
  });
});

describe("a compressed webhook", () => {
  const json = () => JSON.stringify({ id });
  const headers = [["content-encoding", "gzip"]] as const;

  it("is handled without its compression, and kept as it came", async () => {
    const seen: Webhook[] = [];
    const processor = startProcessor(database, { crm: obedientHandler(seen) });
    const body = gzipSync(json());
    await processor.run([sqsRecord(envelopeOf({ source: "crm", headers, body }))]);

    expect(seen[0]?.body.toString()).toBe(json());
    const item = await database.item(`crm/${id}`);
    expect(item).toMatchObject({ status: "processed" });
    expect((await unpackPayload(item?.payload ?? new Uint8Array())).body).toEqual(body);
  });

  it("is the same event whether the gateway decompressed it or not", async () => {
    const processor = startProcessor(database, { crm: obedientHandler() });
    for (const body of [gzipSync(json()), Buffer.from(json())])
      await processor.run([sqsRecord(envelopeOf({ source: "crm", headers, body }))]);

    expect([processor.metric("Processed"), processor.metric("Duplicate")]).toEqual([1, 1]);
  });
});

describe("the outcomes", () => {
  it("are one for each record, and only what failed goes back", async () => {
    const processor = startProcessor(database, { crm: obedientHandler(), github: obedientHandler() });
    const forged = await githubWebhook(`${id}-forged`, { secret: "guessed" });
    const response = await processor.run([
      sqsRecord(crmWebhook(`${id}-good`), { messageId: "good" }),
      sqsRecord(crmWebhook(`${id}-ignored`, { do: "ignore" }), { messageId: "ignored" }),
      sqsRecord(crmWebhook(`${id}-invalid`, { do: "invalid" }), { messageId: "invalid" }),
      sqsRecord(crmWebhook(`${id}-failed`, { do: "fail" }), { messageId: "failed" }),
      sqsRecord(crmWebhook(`${id}-text`, { do: "throw text" }), { messageId: "text" }),
      sqsRecord(forged, { messageId: "forged" }),
      sqsRecord("no envelope", { messageId: "garbage" }),
      sqsRecord(envelopeOf({ source: "stranger" }), { messageId: "stranger" }),
      sqsRecord(crmWebhook(`${id}-last`), { messageId: "last" }),
    ]);

    expect(failuresOf(response)).toEqual(["failed", "text", "stranger"]);
    expect([...processor.delays.keys()].sort()).toEqual(["failed", "stranger", "text"]);
    expect(await database.item(`crm/${id}-good`)).toMatchObject({ status: "processed" });
    expect(await database.item(`crm/${id}-last`)).toMatchObject({ status: "processed" });
    expect(await database.item(`crm/${id}-ignored`)).toMatchObject({ status: "ignored", reason: "told to" });
    expect(await database.item(`crm/${id}-invalid`)).toMatchObject({
      status: "invalid",
      reason: "told to be invalid",
    });
    expect(await database.item(`crm/${id}-failed`)).toMatchObject({
      status: "failed",
      reason: "Error: the shop is down",
      payload: expect.any(Uint8Array),
    });
    expect(await database.item(`crm/${id}-text`)).toMatchObject({ status: "failed", reason: "just text" });
    const counts = ["Processed", "Ignored", "Invalid", "Rejected", "Unreadable", "Duplicate", "Failed"].map(
      processor.metric,
    );
    expect(counts).toEqual([2, 1, 1, 1, 1, 0, 3]);
  });

  it("make an answer that Lambda understands, whatever the batch", async () => {
    const kinds = ["good", "ignore", "invalid", "fail", "garbage"] as const;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...kinds), { maxLength: 12 }), async (batch) => {
        const processor = startProcessor(database, { crm: obedientHandler() });
        const records = batch.map((kind) =>
          sqsRecord(kind === "garbage" ? "?" : crmWebhook(`${id}-${++serial}`, { do: kind })),
        );
        const response = JSON.parse(JSON.stringify(await processor.run(records)));

        const failed = records.filter((_, index) => batch[index] === "fail");
        expect(response).toEqual({
          batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })),
        });
      }),
      { numRuns: 25 },
    );
  });
});

describe("a posted question whether the URL is ours", () => {
  const { sources } = definition;
  const asked = (signed: boolean) => ({
    definition: {
      sources: sources.map((source) =>
        source.name === "github"
          ? { ...source, handshake: { challenge: "header:x-hook-secret" as const, signed } }
          : source,
      ),
    },
  });
  const question = () => envelopeOf({ requestId: id, headers: [["X-Hook-Secret", "the secret itself"]] });

  it("is ignored before the secret is stored, and the history has no secret", async () => {
    const processor = startProcessor(database, { github: obedientHandler() }, asked(false));
    processor.secrets.delete("webhooks/github");

    expect(failuresOf(await processor.run([sqsRecord(question())]))).toEqual([]);

    const item = await database.item(`github/handshake:${id}`);
    expect(item).toMatchObject({
      status: "ignored",
      reason: "it is a handshake, which the gateway has answered",
    });
    expect(await unpackPayload(item?.payload ?? new Uint8Array())).toMatchObject({
      headers: [],
      redacted: ["header:x-hook-secret"],
    });
  });

  it("cannot take the id of an event", async () => {
    const seen: Webhook[] = [];
    const github = defineHandler((webhook) => void seen.push(webhook));
    const processor = startProcessor(database, { github }, asked(false));
    const event = await githubWebhook(id);
    const forged = { ...event, headers: [...event.headers, ["X-Hook-Secret", "x"] as const] };
    await processor.run([sqsRecord(forged)]);
    await processor.run([sqsRecord(event)]);

    expect(seen).toHaveLength(1);
  });

  it("is rejected if the provider signs it and the signature does not fit", async () => {
    const processor = startProcessor(database, { github: obedientHandler() }, asked(true));
    await processor.run([sqsRecord(question())]);

    expect([processor.metric("Rejected"), processor.metric("Ignored")]).toEqual([1, 0]);
  });

  it("never reaches the handler, signed or not", async () => {
    const seen: Webhook[] = [];
    const processor = startProcessor(database, { github: obedientHandler(seen) }, asked(true));
    const event = await githubWebhook(id);
    await processor.run([sqsRecord({ ...event, headers: [...event.headers, ["x-hook-secret", "x"]] })]);

    expect([seen.length, processor.metric("Ignored")]).toEqual([0, 1]);
  });
});

describe("a message that cannot be read", () => {
  const token = Buffer.from("Bearer let-me-in").toString("base64");
  const name = Buffer.from("Authorization").toString("base64");
  const damaged = `{"v":1,"s":"crm","h":[["${name}","${token}"]],"q":[[}\nZGF0YQ==`;

  it("is done after one delivery, and the history has every byte of it", async () => {
    const processor = startProcessor(database, {});
    const record = sqsRecord("no envelope, é\u0000", { messageId: id, group: "crm" });

    expect(failuresOf(await processor.run([record]))).toEqual([]);

    const item = await database.item(`_unreadable/message-id:${id}`);
    expect(item).toMatchObject({
      status: "unreadable",
      source: "_unreadable",
      receivedAt: Number(record.attributes.SentTimestamp),
      reason: "the message has no line of metadata before its body",
    });
    const stored = await unpackPayload(item?.payload ?? new Uint8Array());
    expect(stored.body.toString()).toBe(record.body);
    expect(stored.headers).toEqual([["MessageGroupId", "crm"]]);
    expect(processor.outcomes()).toMatchObject([
      { level: "ERROR", message: "webhook unreadable", message_id: id, webhook_id: item?.webhookId },
    ]);
    expect([processor.metric("Unreadable"), processor.metric("Failed")]).toEqual([1, 0]);
  });

  it("is listed for attention, and delivered again changes nothing", async () => {
    const processor = startProcessor(database, {});
    await processor.run([sqsRecord("garbage", { messageId: id })]);
    const first = await database.item(`_unreadable/message-id:${id}`);
    processor.advance(60_000);
    await processor.run([sqsRecord("garbage", { messageId: id, receiveCount: 2 })]);

    expect(await database.item(`_unreadable/message-id:${id}`)).toEqual(first);
    expect(await database.listed("by_attention", attentionKeys("unreadable"))).toContain(
      `_unreadable/message-id:${id}`,
    );
  });

  it("keeps its attributes, and no credential", async () => {
    const processor = startProcessor(database, {});
    const attribute = (stringValue: string) => ({
      stringValue,
      dataType: "String" as const,
      stringListValues: [],
      binaryListValues: [],
    });
    const messageAttributes = {
      webhook: attribute("not ours\nauthorization=Bearer let-me-in\nx-event=e1"),
      "header.authorization": attribute("=Bearer let-me-in"),
      "header.x-event": attribute("=e1"),
    };
    await processor.run([
      { ...sqsRecord("{}", { messageId: `${id}-http` }), messageAttributes },
      sqsRecord(damaged, { messageId: id }),
    ]);

    const stored = async (message: string) => {
      const item = await database.item(`_unreadable/message-id:${message}`);
      return unpackPayload(item?.payload ?? new Uint8Array());
    };
    expect((await stored(`${id}-http`)).headers).toEqual([
      ["webhook", "not ours\nauthorization=\nx-event=e1"],
      ["header.x-event", "=e1"],
    ]);
    expect((await stored(id)).body.toString()).toBe(damaged.replace(token, ""));
  });

  it.each([
    ["redacts values", { redact: ["json:card"] as const }],
    ["keeps no payloads", { keepPayload: "none" as const }],
  ])("stays in the queue if a source %s", async (_, source) => {
    const [crm, ...others] = definition.sources;
    const processor = startProcessor(
      database,
      {},
      { definition: { sources: crm === undefined ? [] : [{ ...crm, ...source }, ...others] } },
    );

    expect(failuresOf(await processor.run([sqsRecord("garbage", { messageId: id })]))).toEqual([id]);
    expect(await database.item(`_unreadable/message-id:${id}`)).toBeUndefined();
  });

  it("stays in the queue if it is another version's", async () => {
    const processor = startProcessor(database, {});
    const newer = encodeEnvelope(crmWebhook(id)).replace('{"v":1', '{"v":2');

    expect(failuresOf(await processor.run([sqsRecord(newer, { messageId: id })]))).toEqual([id]);
    expect(processor.metric("Unreadable")).toBe(0);
  });

  it("does not hold up its group on a FIFO queue", async () => {
    const processor = startProcessor(database, { crm: obedientHandler() });
    const inGroup = { group: "g", fifo: true };
    const response = await processor.run([
      sqsRecord("garbage", { messageId: `${id}-1`, ...inGroup }),
      sqsRecord(crmWebhook(id), { messageId: `${id}-2`, ...inGroup }),
    ]);

    expect(failuresOf(response)).toEqual([]);
    expect(await database.item(`crm/${id}`)).toMatchObject({ status: "processed" });
  });
});

describe("an event that comes again", () => {
  it("is a duplicate once it is done, also under a new message id", async () => {
    const seen: Webhook[] = [];
    const processor = startProcessor(database, {
      github: defineHandler((webhook) => void seen.push(webhook)),
    });
    await processor.run([sqsRecord(await githubWebhook(id))]);
    processor.advance(10 * 86_400_000);
    const response = await processor.run([sqsRecord(await githubWebhook(id, { body: "{}" }))]);

    expect(failuresOf(response)).toEqual([]);
    expect(seen).toHaveLength(1);
    expect(processor.metric("Duplicate")).toBe(1);
  });

  it("is judged anew when its sender redelivers what was invalid, and once only", async () => {
    const seen: Webhook[] = [];
    let mended = false;
    const github = defineHandler((webhook) => {
      seen.push(webhook);
      if (!mended) throw new InvalidWebhookError("unheard of");
    });
    const processor = startProcessor(database, { github });
    const first = await githubWebhook(id);
    const redelivered = { ...first, requestId: "redelivered", receivedAt: first.receivedAt + 60_000 };
    await processor.run([sqsRecord(first)]);
    mended = true;
    for (const delivery of [first, redelivered, first, redelivered])
      await processor.run([sqsRecord(delivery)]);

    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(await database.item(`github/${id}`)).toMatchObject({ status: "processed" });
    expect(processor.metric("Duplicate")).toBe(3);
  });

  it("is not judged anew for a forged request", async () => {
    const github = defineHandler(() => ignore("of no interest"));
    const processor = startProcessor(database, { github });
    const first = await githubWebhook(id);
    const forged = await githubWebhook(id, { secret: "guessed" });
    await processor.run([sqsRecord(first)]);
    await processor.run([
      sqsRecord({ ...forged, requestId: "forged", receivedAt: first.receivedAt + 60_000 }),
    ]);

    expect(processor.metric("Rejected")).toBe(1);
    expect(await database.item(`github/${id}`)).toMatchObject({ status: "ignored", attempts: 1 });
  });

  it("waits while another delivery is being worked on, for the rest of its lease, and is no failure", async () => {
    const processor = startProcessor(database, { crm: obedientHandler() });
    const worked = processor.run([sqsRecord(crmWebhook(id, { do: "hang" }), { messageId: "first" })]);
    await expect.poll(async () => (await database.item(`crm/${id}`))?.status).toBe("processing");
    processor.advance(5_000);

    const response = await processor.run([sqsRecord(crmWebhook(id), { messageId: "second" })]);
    expect(failuresOf(response)).toEqual(["second"]);
    expect(processor.delays.get("second")).toBe(30);
    expect(processor.metric("Failed")).toBe(0);
    void worked;
  });

  it("runs once for two deliveries in one batch", async () => {
    const seen: Webhook[] = [];
    const slow = defineHandler(async (webhook) => {
      seen.push(webhook);
      // Long enough for the other delivery to find this one at work.
      await setTimeout(500);
    });
    const processor = startProcessor(database, { crm: slow });
    const response = await processor.run([sqsRecord(crmWebhook(id)), sqsRecord(crmWebhook(id))]);

    expect(seen).toHaveLength(1);
    expect(failuresOf(response)).toHaveLength(1);
  });

  it("is tried again after a failure, and told how often", async () => {
    const seen: Webhook[] = [];
    const processor = startProcessor(database, { crm: obedientHandler(seen) });
    await processor.run([sqsRecord(crmWebhook(id, { do: "fail" }), { messageId: "first", receiveCount: 1 })]);
    await processor.run([
      sqsRecord(crmWebhook(id, { do: "fail" }), { messageId: "second", receiveCount: 2 }),
    ]);
    const response = await processor.run([sqsRecord(crmWebhook(id))]);

    expect(failuresOf(response)).toEqual([]);
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect([processor.delays.get("first"), processor.delays.get("second")]).toEqual([5, 10]);
    expect(await database.item(`crm/${id}`)).toMatchObject({ status: "processed", attempts: 3 });
  });

  it("is taken over after a crash, when the lease has ended", async () => {
    const processor = startProcessor(database, { crm: obedientHandler() });
    const crashed = createHistory({
      ...database,
      timeoutSeconds: 30,
      ttlDays: 60,
      clock: () => 1_767_225_600_000,
    });
    await crashed.claim({
      webhookId: `crm/${id}`,
      source: "crm",
      eventId: id,
      receivedAt: 1,
      requestId: "r",
    });
    processor.advance(35_000);

    expect(failuresOf(await processor.run([sqsRecord(crmWebhook(id))]))).toEqual([]);
    expect(await database.item(`crm/${id}`)).toMatchObject({ status: "processed", attempts: 2 });
  });

  it("does not count as done by a worker that lost its claim", async () => {
    let takeOver = async () => {};
    const processor = startProcessor(database, { crm: defineHandler(() => takeOver()) });
    const other = createHistory({
      ...database,
      timeoutSeconds: 30,
      ttlDays: 60,
      clock: () => 1_767_225_640_000,
    });
    takeOver = async () => {
      const webhook = { webhookId: `crm/${id}`, source: "crm", eventId: id, receivedAt: 1, requestId: "r" };
      await other.claim(webhook, () => true);
    };

    expect(failuresOf(await processor.run([sqsRecord(crmWebhook(id), { messageId: "late" })]))).toEqual([
      "late",
    ]);
    expect(await database.item(`crm/${id}`)).toMatchObject({ status: "processing", attempts: 2 });
    expect(processor.outcomes()).toMatchObject([
      { message: "webhook failed", error: expect.stringContaining("ClaimLostError") },
    ]);
  });
});

describe("a webhook over which the function died", () => {
  /** Leaves a webhook as a function does that dies over it. */
  async function dieOver(crmId: string): Promise<void> {
    const clock = () => 1_767_225_600_000;
    const died = createHistory({ ...database, timeoutSeconds: 30, ttlDays: 60, clock });
    const webhookId = `crm/${crmId}`;
    await died.claim({ webhookId, source: "crm", eventId: crmId, receivedAt: clock(), requestId: "r" });
  }

  it("is tried when everything else is done and has left the queue, and says what it is", async () => {
    const seen: Webhook[] = [];
    const processor = startProcessor(database, { crm: obedientHandler(seen) });
    await dieOver(`${id}-suspect`);
    processor.advance(60_000);
    const response = await processor.run([
      sqsRecord(crmWebhook(`${id}-suspect`), { messageId: "suspect", receiveCount: 2 }),
      sqsRecord(crmWebhook(`${id}-fine`), { messageId: "fine" }),
      sqsRecord(crmWebhook(`${id}-fails`, { do: "fail" }), { messageId: "fails" }),
    ]);

    expect(seen.map(({ eventId }) => eventId)).toEqual([`${id}-fine`, `${id}-fails`, `${id}-suspect`]);
    expect(processor.deleted).toEqual(["fine"]);
    expect(failuresOf(response)).toEqual(["fails"]);
    expect(await database.item(`crm/${id}-suspect`)).toMatchObject({ status: "processed", attempts: 2 });
    const warned = processor.lines.map((line) => JSON.parse(line)).filter(({ crashes }) => crashes === 1);
    expect(warned).toMatchObject([{ level: "WARN", webhook_id: `crm/${id}-suspect`, receive_count: 2 }]);
  });

  it("is not tried once more at the last delivery of what waits behind it in its group", async () => {
    const seen: Webhook[] = [];
    const processor = startProcessor(
      database,
      { crm: obedientHandler(seen) },
      { definition: { maxReceiveCount: 2 } },
    );
    await dieOver(`${id}-suspect`);
    processor.advance(60_000);
    const record = (name: string) =>
      sqsRecord(crmWebhook(`${id}-${name}`), { messageId: name, receiveCount: 2, fifo: true, group: "a" });
    const response = await processor.run([record("suspect"), record("behind")]);

    expect(seen.map(({ eventId }) => eventId)).toEqual([`${id}-behind`]);
    expect(failuresOf(response)).toEqual(["suspect"]);
    expect(processor.delays.get("suspect")).toBe(0);
    expect(processor.outcomes()).toMatchObject([
      { message: "webhook failed", reason: expect.stringContaining("not tried again") },
      { message: "webhook processed" },
    ]);
  });
});

describe("the last delivery", () => {
  const fails = (name: string, options: object = {}) =>
    sqsRecord(crmWebhook(`${id}-${name}`, { do: "fail" }), { messageId: name, receiveCount: 3, ...options });

  it("is followed by no wait, whatever its handler or its backoff asks for, and an earlier one is", async () => {
    const patient = defineHandler(() => {
      throw new RetryLaterError("the shop is busy", { afterSeconds: 500 });
    });
    const stage = { definition: { maxReceiveCount: 3 } };
    const usual = startProcessor(database, { crm: obedientHandler() }, stage);
    const asked = startProcessor(database, { crm: patient }, stage);

    const response = await usual.run([fails("last"), fails("earlier", { receiveCount: 2 })]);
    await asked.run([fails("asked")]);

    expect(failuresOf(response)).toEqual(["last", "earlier"]);
    expect(Object.fromEntries(usual.delays)).toEqual({ last: 0, earlier: 10 });
    expect(Object.fromEntries(asked.delays)).toEqual({ asked: 0 });
  });

  it("is followed by no wait for another delivery of its event, nor where no time was left to start it", async () => {
    const stage = { definition: { maxReceiveCount: 3 } };
    const { promise: handled, resolve: finish } = Promise.withResolvers<void>();
    const processor = startProcessor(database, { crm: defineHandler(() => handled) }, stage);
    const first = processor.run([sqsRecord(crmWebhook(`${id}-busy`), { messageId: "first" })]);
    await expect.poll(async () => (await database.item(`crm/${id}-busy`))?.status).toBe("processing");
    await processor.run([sqsRecord(crmWebhook(`${id}-busy`), { messageId: "busy", receiveCount: 3 })]);
    finish();
    await first;
    await processor.run([fails("unstarted")], lambdaContext(500));

    expect(Object.fromEntries(processor.delays)).toEqual({ busy: 0, unstarted: 0 });
  });

  it("lets nothing of its FIFO group wait for it, and the first that is tried again hold up what is behind", async () => {
    const processor = startProcessor(
      database,
      { crm: obedientHandler() },
      { definition: { maxReceiveCount: 3 } },
    );
    const group = { fifo: true, group: "a" };
    const response = await processor.run([
      fails("last", group),
      sqsRecord(crmWebhook(`${id}-fine`), { messageId: "fine", ...group }),
      fails("first-try", { receiveCount: 1, ...group }),
      sqsRecord(crmWebhook(`${id}-behind`), { messageId: "behind", ...group }),
    ]);

    expect(failuresOf(response)).toEqual(["last", "first-try", "behind"]);
    expect(Object.fromEntries(processor.delays)).toEqual({ last: 0, "first-try": 5, behind: 0 });
  });
});

describe("a forged webhook", () => {
  it("is kept with its bytes and its reason, and not tried again", async () => {
    const processor = startProcessor(database, { github: obedientHandler() });
    const forged = await githubWebhook(id, { secret: "guessed" });
    expect(failuresOf(await processor.run([sqsRecord(forged)]))).toEqual([]);

    const webhookId = `github/rejected:${createHash("sha256").update(encodeEnvelope(forged)).digest("hex")}`;
    const item = await database.item(webhookId);
    expect(item).toMatchObject({
      status: "rejected",
      reason: expect.stringContaining("x-hub-signature-256"),
    });
    expect(await unpackPayload(item?.payload ?? new Uint8Array())).toEqual(forged);
    expect(processor.outcomes()).toMatchObject([{ level: "WARN", webhook_id: webhookId }]);
  });

  it("neither blocks nor overwrites the genuine one whose event id it claims", async () => {
    const seen: Webhook[] = [];
    const processor = startProcessor(database, { github: obedientHandler(seen) });
    const forged = await githubWebhook(id, { secret: "guessed" });
    await processor.run([sqsRecord(forged)]);
    await processor.run([sqsRecord(await githubWebhook(id))]);
    await processor.run([sqsRecord(forged)]);

    expect(seen).toHaveLength(1);
    expect(await database.item(`github/${id}`)).toMatchObject({ status: "processed" });
  });
});

describe("what is ours to mend", () => {
  it.each([
    ["no value", undefined],
    ["an outage", new Error("connect ECONNREFUSED")],
  ])("sends a webhook back whose secret has %s, instead of turning it away", async (_, secret) => {
    const processor = startProcessor(database, { github: obedientHandler() });
    if (secret === undefined) processor.secrets.delete("webhooks/github");
    else processor.secrets.set("webhooks/github", secret);

    const response = await processor.run([sqsRecord(await githubWebhook(id), { messageId: "waits" })]);
    expect(failuresOf(response)).toEqual(["waits"]);
    expect(processor.metric("Rejected")).toBe(0);
    expect(await database.item(`github/${id}`)).toBeUndefined();
  });

  it("turns away what is not signed at all, even while the source has no secret", async () => {
    const processor = startProcessor(database, { github: obedientHandler() });
    processor.secrets.delete("webhooks/github");
    const unsigned = envelopeOf({ headers: [["X-GitHub-Delivery", id]], requestId: id });

    expect(failuresOf(await processor.run([sqsRecord(unsigned)]))).toEqual([]);
    expect(processor.metric("Rejected")).toBe(1);
  });

  it("sends a webhook back whose secret is stored as the console's key/value form does, and says so", async () => {
    const processor = startProcessor(database, { github: obedientHandler() });
    processor.secrets.set("webhooks/github", JSON.stringify({ secret: githubSecret }));

    const response = await processor.run([sqsRecord(await githubWebhook(id), { messageId: "waits" })]);
    expect(failuresOf(response)).toEqual(["waits"]);
    expect(processor.metric("Rejected")).toBe(0);
    expect(processor.lines.join()).toContain(
      "like the key/value form of the Secrets Manager console stores it",
    );

    processor.secrets.set("webhooks/github", githubSecret);
    processor.advance(60_000);
    expect(failuresOf(await processor.run([sqsRecord(await githubWebhook(id))]))).toEqual([]);
  });

  it.each(["claim", "finish", "recordRejected"] as const)(
    "sends a webhook back if %s fails, and no other",
    async (call) => {
      const real = createHistory({
        ...database,
        timeoutSeconds: 30,
        ttlDays: 60,
        clock: () => 1_767_225_600_000,
      });
      const denied = Object.assign(new Error("not allowed"), { $fault: "client" });
      const history: History = {
        ...real,
        [call]: async (...args: unknown[]) => {
          if (JSON.stringify(args[0]).includes("unlucky")) throw denied;
          return (real[call] as (...all: unknown[]) => unknown)(...args);
        },
      };
      const processor = startProcessor(database, { crm: obedientHandler() }, { dependencies: { history } });
      const forged = { ...(await githubWebhook(id, { secret: "guessed" })), requestId: "unlucky" };
      const unlucky = call === "recordRejected" ? forged : crmWebhook(`${id}-unlucky`);
      const response = await processor.run([
        sqsRecord(unlucky, { messageId: "unlucky" }),
        sqsRecord(crmWebhook(`${id}-lucky`)),
      ]);

      expect(failuresOf(response)).toEqual(["unlucky"]);
      expect(await database.item(`crm/${id}-lucky`)).toMatchObject({ status: "processed" });
    },
  );
});

describe("a payload that is too large for the history", () => {
  const noise = () => randomBytes(400 * 1024).toString("base64");

  it("does not keep a webhook from being processed", async () => {
    const processor = startProcessor(database, { crm: obedientHandler() });
    expect(failuresOf(await processor.run([sqsRecord(crmWebhook(id, { noise: noise() }))]))).toEqual([]);
    expect(await database.item(`crm/${id}`)).toMatchObject({
      status: "processed",
      omittedBody: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: expect.any(Number) },
    });
  });
});

describe("time", () => {
  it("that runs out stops a handler, fails its webhook alone, and still delays it", async () => {
    let stopped = false;
    const processor = startProcessor(
      database,
      {
        crm: defineHandler(async (webhook, { signal }) => {
          if (!webhook.text().includes("hang")) return;
          signal.addEventListener("abort", () => {
            stopped = true;
          });
          await new Promise(() => {});
        }),
      },
      { definition: { timeoutSeconds: 3 } },
    );
    const startedAt = Date.now();
    const response = await processor.run(
      [sqsRecord(crmWebhook(`${id}-hang`), { messageId: "hang" }), sqsRecord(crmWebhook(`${id}-quick`))],
      lambdaContext(1_200),
    );

    expect(Date.now() - startedAt).toBeLessThan(1_200);
    expect(stopped).toBe(true);
    expect(failuresOf(response)).toEqual(["hang"]);
    expect(processor.delays.has("hang")).toBe(true);
    expect(await database.item(`crm/${id}-hang`)).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("HandlerTimeoutError"),
    });
    expect(await database.item(`crm/${id}-quick`)).toMatchObject({ status: "processed" });
  });

  it("that runs out while AWS does not answer still leaves Lambda with an answer", async () => {
    const real = createHistory({ ...database, timeoutSeconds: 3, ttlDays: 60, clock: Date.now });
    const history: History = {
      ...real,
      claim: (webhook) => (webhook.eventId.includes("stuck") ? new Promise(() => {}) : real.claim(webhook)),
    };
    const processor = startProcessor(
      database,
      { crm: obedientHandler() },
      {
        definition: { timeoutSeconds: 3 },
        dependencies: { history, changeVisibility: () => new Promise(() => {}) },
      },
    );
    const startedAt = Date.now();
    const records = [
      sqsRecord(crmWebhook(`${id}-stuck`), { messageId: "stuck" }),
      sqsRecord(crmWebhook(`${id}-quick`)),
    ];

    expect(failuresOf(await processor.run(records, lambdaContext(1_200)))).toEqual(["stuck"]);
    expect(Date.now() - startedAt).toBeLessThan(1_200);
  });

  it("that is short hands back what was not started, untouched", async () => {
    const seen: Webhook[] = [];
    let remaining = 30_000;
    const processor = startProcessor(
      database,
      {
        crm: defineHandler((webhook) => {
          seen.push(webhook);
          remaining = 5_000;
        }),
      },
      { definition: { concurrency: 1 } },
    );
    const records = ["a", "b", "c"].map((name) =>
      sqsRecord(crmWebhook(`${id}-${name}`), { messageId: name }),
    );
    const response = await processor.run(
      records,
      lambdaContext(() => remaining),
    );

    expect(failuresOf(response)).toEqual(["b", "c"]);
    expect(seen).toHaveLength(1);
    expect(await database.item(`crm/${id}-b`)).toBeUndefined();
    expect([processor.metric("Failed"), processor.metric("Untried")]).toEqual([0, 2]);
    expect(Object.fromEntries(processor.delays)).toEqual({ b: 5, c: 5 });
    expect(processor.lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({
        level: "WARN",
        message: "webhooks returned to the queue untried",
        count: 2,
      }),
    );
  });

  it("that is too short in a webhook's last delivery is told of for each, apart from what failed", async () => {
    const processor = startProcessor(
      database,
      { crm: obedientHandler() },
      { definition: { maxReceiveCount: 3 } },
    );
    const records = [3, 2].map((receiveCount) =>
      sqsRecord(crmWebhook(`${id}-${receiveCount}`), { messageId: `m-${receiveCount}`, receiveCount }),
    );
    await processor.run(records, lambdaContext(5_000));

    const errors = processor.lines.map((line) => JSON.parse(line)).filter(({ level }) => level === "ERROR");
    expect(errors).toMatchObject([
      {
        message: "webhook moves to the dead-letter queue, and had no try in its last delivery",
        source: "crm",
        message_id: "m-3",
        receive_count: 3,
      },
    ]);
    expect([processor.metric("Failed"), processor.metric("Untried")]).toEqual([0, 2]);
  });

  it("that is too short for what a handler is about to do counts as no try, and the history says why", async () => {
    const processor = startProcessor(database, {
      crm: () => {
        throw new NotTriedError("not sent: 3 s were left");
      },
    });
    const response = await processor.run([sqsRecord(crmWebhook(id), { messageId: "m", receiveCount: 4 })]);

    expect(failuresOf(response)).toEqual(["m"]);
    expect(processor.delays.get("m")).toBe(5);
    expect(await database.item(`crm/${id}`)).toMatchObject({
      status: "failed",
      reason: "not sent: 3 s were left",
    });
    expect([processor.metric("Failed"), processor.metric("Untried")]).toEqual([0, 1]);
    expect(processor.outcomes()).toMatchObject([
      { level: "WARN", message: "webhook untried", reason: "not sent: 3 s were left" },
    ]);
  });
});

describe("a FIFO queue", () => {
  it("keeps the order of a group past a failure, and lets other groups go on", async () => {
    const seen: Webhook[] = [];
    const processor = startProcessor(database, { crm: obedientHandler(seen) });
    const fifo = (group: string, name: string, extra: object = {}): SQSRecord =>
      sqsRecord(crmWebhook(`${id}-${name}`, extra), { group, fifo: true, messageId: name });
    const batch = [
      fifo("a", "a1"),
      fifo("a", "a2", { do: "fail" }),
      fifo("b", "b1"),
      fifo("a", "a3"),
      fifo("b", "b2"),
    ];

    expect(failuresOf(await processor.run(batch))).toEqual(["a2", "a3"]);
    expect(seen.map(({ eventId }) => eventId.replace(`${id}-`, "")).sort()).toEqual(["a1", "a2", "b1", "b2"]);
    expect(Object.fromEntries(processor.delays)).toEqual({ a2: 5, a3: 0 });
  });
});

describe("a handler at the head of a FIFO group in its last delivery", () => {
  it("gets a part of the time if others wait behind it for their last one, and all of it if not", async () => {
    const left: Record<string, number> = {};
    const crm = defineHandler((webhook, { remainingMilliseconds }) => {
      left[webhook.eventId.replace(`${id}-`, "")] = remainingMilliseconds();
      throw new Error("told to fail");
    });
    const processor = startProcessor(database, { crm }, { definition: { maxReceiveCount: 3 } });
    const record = (group: string, name: string, receiveCount: number) =>
      sqsRecord(crmWebhook(`${id}-${name}`), { messageId: name, receiveCount, fifo: true, group });
    await processor.run(
      [
        record("a", "a1", 3),
        record("a", "a2", 3),
        record("b", "b1", 3),
        record("b", "b2", 2),
        record("c", "c1", 2),
      ],
      lambdaContext(() => 30_000),
    );

    expect(left).toEqual({ a1: 14_250, a2: 28_500, b1: 28_500, b2: 28_500, c1: 28_500 });
  });

  it("is told why it was stopped", async () => {
    const processor = startProcessor(
      database,
      { crm: obedientHandler() },
      { definition: { maxReceiveCount: 1, timeoutSeconds: 3 } },
    );
    const record = (name: string, extra: object = {}) =>
      sqsRecord(crmWebhook(`${id}-${name}`, extra), { messageId: name, fifo: true, group: "a" });
    await processor.run([record("hangs", { do: "hang" }), record("behind")], lambdaContext(3_000));

    expect(await database.item(`crm/${id}-hangs`)).toMatchObject({
      status: "failed",
      reason: expect.stringContaining(
        "1 of its message group, also in their last delivery, waited behind it",
      ),
    });
    expect(await database.item(`crm/${id}-behind`)).toMatchObject({ status: "processed" });
  });
});

describe("the log", () => {
  it("has no body, header value, query value or secret, whatever becomes of a webhook", async () => {
    const marks = ["mark-of-body", "mark-of-header", "mark-of-query", "mark-of-secret"];
    const processor = startProcessor(database, { crm: obedientHandler(), github: obedientHandler() });
    const marked = (what: string) => ({
      ...crmWebhook(`${id}-${what}`, { do: what, secret: "mark-of-body" }),
      headers: [["X-Marked", "mark-of-header"]] as const,
      query: [["marked", "mark-of-query"]] as const,
    });
    const notJson = { ...marked("not json"), body: Buffer.from("mark-of-body {") };
    const forged = await githubWebhook(id, { body: '"mark-of-body"', secret: "guessed" });
    processor.secrets.set("webhooks/github", "mark-of-secret");
    await processor.run([
      ...["good", "ignore", "invalid", "fail"].map((what) => sqsRecord(marked(what))),
      sqsRecord(notJson),
      sqsRecord(forged),
      sqsRecord(`mark-of-body ${encodeEnvelope(marked("good"))}`),
      sqsRecord({ ...marked("good"), source: "stranger" }),
    ]);
    processor.secrets.set("webhooks/github", '["mark-of-secret"');
    processor.advance(600_000);
    await processor.run([
      sqsRecord(marked("good")),
      sqsRecord(await githubWebhook(`${id}-2`, { body: '"mark-of-body"' })),
    ]);

    expect(processor.outcomes()).toHaveLength(10);
    const text = processor.lines.join("\n");
    for (const mark of marks) expect(text).not.toContain(mark);
    for (const mark of marks) expect(text).not.toContain(Buffer.from(mark).toString("base64"));
  });

  it("carries the webhook's id on a handler's own lines", async () => {
    const processor = startProcessor(database, {
      crm: defineHandler((_, { log }) => log.info("my line", { step: 1 })),
    });
    await processor.run([sqsRecord(crmWebhook(id))]);

    const line = processor.lines.find((text) => text.includes("my line")) ?? "";
    expect(JSON.parse(line)).toMatchObject({ webhook_id: `crm/${id}`, source: "crm", step: 1 });
  });
});

describe("createHandler", () => {
  it.each([undefined, null, {}, "handler"])("names a handler that is %j instead of a function", (handler) => {
    const handlers = { crm: handler } as unknown as Record<string, WebhookHandler>;
    expect(() => startProcessor(database, handlers)).toThrow(/the handler crm is not a function/);
  });

  it("names the variable that is missing where the function runs without its environment", () => {
    expect(() => createHandler(definition, {})).toThrow(/^WEBHOOK_[A-Z_]+ is not set/);
  });
});
