import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SendMessageBatchCommandInput, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { groupOf } from "../../ops/replay/fifo-group.js";
import { openJournal, startJournal } from "../../ops/replay/journal.js";
import { largestMessageBytes, replayMessage } from "../../ops/replay/message.js";
import { batchSize, paceOf } from "../../ops/replay/paced.js";
import { type PlannedReplay, planReplay } from "../../ops/replay/plan.js";
import { newReplayId, timeOfReplay } from "../../ops/replay/replay-id.js";
import { sendReplay } from "../../ops/replay/send-replay.js";
import { toQueue } from "../../ops/replay/to-queue.js";
import type { OperatedSource, StageOutputs } from "../../ops/stage/outputs.js";
import { decodeEnvelope } from "../../runtime/envelope/envelope.js";
import { decodeReplayReference } from "../../runtime/envelope/replay-reference.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import type { IngestSource } from "../../settings/ingest-source.js";
import { type IngestApi, serveIngestApi } from "../support/ingest-api.js";
import { envelopeOf } from "../support/sqs-events.js";

const lane = { function: "f", logGroup: "l", eventSourceMapping: "m", maxReceiveCount: 3 };
const source: OperatedSource = {
  signature: { kind: "none" },
  eventId: ["json:id"],
  keepPayload: "all",
  subscribers: {},
};
const outputs: StageOutputs = {
  endpoints: {},
  secretNames: {},
  queueUrls: { webhooks: "https://sqs/webhooks", ordered: "https://sqs/ordered.fifo" },
  deadLetterQueueUrls: {},
  historyTable: "history",
  alarmTopicArn: "arn:aws:sns:eu-west-1:123456789012:alarms",
  operations: {
    keyArn: "arn:aws:kms:eu-west-1:123456789012:key/k",
    lanes: {
      webhooks: { ...lane, type: "standard", sources: ["shop", "crm"], subscribers: [] },
      ordered: { ...lane, type: "fifo", sources: ["bank"], subscribers: [] },
    },
    sources: {
      shop: { ...source, subscribers: { billing: "shop.billing", mail: "shop.mail" } },
      crm: { ...source, rememberedAs: "old-crm" },
      bank: { ...source, orderBy: "json:account" },
    },
  },
};
const replayId = newReplayId(1_767_225_600_000);

function itemOf(webhookId: string, changes: Partial<HistoryItem> = {}): HistoryItem {
  const [name = "", eventId = ""] = webhookId.split("/");
  return {
    ...{ webhookId, source: name, eventId, receivedAt: 1, requestId: "r", status: "processed", attempts: 1 },
    ...{ expiresAt: 9_999_999_999, payload: Buffer.from([1]), ...changes },
  } as HistoryItem;
}

describe("the id of a replay", () => {
  it("sorts by its time, and tells it", () => {
    expect(replayId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(newReplayId(1_767_225_600_001) > replayId).toBe(true);
    expect(timeOfReplay(replayId)).toBe(1_767_225_600_000);
    expect(timeOfReplay("r-1")).toBeUndefined();
  });
});

describe("the message of a replay", () => {
  const webhook = envelopeOf({ source: "shop", body: Buffer.from('{"id":"o-1"}') });

  it("is the webhook as the gateway would write it, with the replay's mark, for its source's queue", () => {
    const redacted = ["header:authorization"];
    const message = replayMessage(
      { webhookId: "shop/o-1", replayId, replayFor: "billing", webhook: { ...webhook, redacted } },
      outputs,
    );
    expect(decodeEnvelope(message.body)).toEqual({ ...webhook, replayId, replayFor: "billing" });
    expect(message).toMatchObject({ queueUrl: "https://sqs/webhooks", groupId: "shop" });
    expect(message.deduplicationId).toBeUndefined();
  });

  it("finds the queue of a source that the history knows by an earlier name", () => {
    const message = replayMessage(
      { webhookId: "old-crm/1", replayId, webhook: { ...webhook, source: "old-crm" } },
      outputs,
    );
    expect(message).toMatchObject({ queueUrl: "https://sqs/webhooks", groupId: "old-crm" });
  });

  it("has the group of its webhook on a FIFO queue, and an id by which SQS knows a repetition of it alone", () => {
    const ofBank = (id: string) => ({
      ...webhook,
      source: "bank",
      body: Buffer.from(`{"id":"${id}","account":"a"}`),
    });
    const make = (id: string) =>
      replayMessage({ webhookId: `bank/${id}`, replayId, webhook: ofBank(id) }, outputs);
    expect(make("1").groupId).toBe(`bank:${Buffer.from("a").toString("base64")}`);
    expect(make("1").deduplicationId).toBe(make("1").deduplicationId);
    expect(make("1").deduplicationId).not.toBe(make("2").deduplicationId);
    expect(make("1").deduplicationId).toMatch(/^[\w.-]{1,128}$/);
  });

  it("refers to the webhook where SQS has no room for it", () => {
    const large = { ...webhook, body: Buffer.alloc(800_000) };
    const message = replayMessage({ webhookId: "shop/o-1", replayId, webhook: large }, outputs);
    expect(decodeReplayReference(message.body)).toEqual({ webhookId: "shop/o-1", replayId });
    const fits = { ...webhook, body: Buffer.alloc(780_000) };
    const inFull = replayMessage({ webhookId: "shop/o-1", replayId, webhook: fits }, outputs);
    expect(inFull.body.length).toBeLessThanOrEqual(largestMessageBytes);
    expect(decodeEnvelope(inFull.body).body).toHaveLength(780_000);
  });

  it("is not made for a source that the stage does not have", () => {
    const gone = { ...webhook, source: "gone" };
    expect(() => replayMessage({ webhookId: "gone/1", replayId, webhook: gone }, outputs)).toThrow(
      'the stage has no source "gone"',
    );
  });
});

describe("the group of a replay on a FIFO queue", () => {
  const orderBy = {
    header: "header:X-Order",
    path: "json:order.id",
    query: "query:shop",
    same: "constant:all",
  } as const;
  const sources: IngestSource[] = Object.entries(orderBy).map(([name, expression]) => ({
    name,
    orderBy: expression,
  }));
  let api: IngestApi;
  beforeAll(async () => {
    api = await serveIngestApi({ bodyMode: "bytes", fifo: true, sources: [...sources, { name: "plain" }] });
  });
  afterAll(() => api.close());

  it.each(["7", "", "ä".repeat(200), "x".repeat(81)])(
    "is the one that the gateway gave the webhook with the value %j",
    async (value) => {
      const body = JSON.stringify({ order: { id: value } });
      for (const name of [...Object.keys(orderBy), "plain"]) {
        api.clear();
        const query = `?shop=${encodeURIComponent(value)}`;
        // A header is Latin-1.
        const header = value.startsWith("ä") ? "e".repeat(300) : value;
        await api.send(`/v1/webhooks/${name}${query}`, { body, headers: ["X-Order", header] });
        const { groupId, envelope } = api.sent();
        const expression = orderBy[name as keyof typeof orderBy] ?? "";
        expect(groupOf(name, { orderBy: expression }, envelope)).toBe(groupId);
      }
    },
  );
});

describe("a plan", () => {
  const plan = (items: readonly HistoryItem[], subscriber?: string) =>
    planReplay(items, {
      outputs,
      subscriber,
      itemsOf: async (ids) => ids.map((id) => itemOf(id)),
      payloadOf: async () => undefined,
    });

  it("has the oldest first", async () => {
    const planned = await plan([itemOf("shop/2", { receivedAt: 2 }), itemOf("shop/1", { receivedAt: 1 })]);
    expect(planned.map(({ webhookId }) => webhookId)).toEqual(["shop/1", "shop/2"]);
  });

  it("sends a subscriber's webhook to that subscriber, unless it is replayed as a whole", async () => {
    const part = itemOf("shop.billing/1", { payloadOf: "shop/1", status: "failed" });
    expect(await plan([part])).toMatchObject([{ webhookId: "shop/1", source: "shop", replayFor: "billing" }]);
    const whole = await plan([part, itemOf("shop/1")]);
    expect(whole).toMatchObject([{ webhookId: "shop/1" }]);
    expect(whole[0]?.replayFor).toBeUndefined();
  });

  it("sends a webhook to the named subscriber only", async () => {
    expect(await plan([itemOf("shop/1")], "mail")).toMatchObject([
      { webhookId: "shop/1", replayFor: "mail" },
    ]);
    await expect(plan([itemOf("old-crm/1")], "mail")).rejects.toThrow('has no subscriber "mail"');
  });

  it.each([
    [
      { payload: undefined, omittedBody: { sha256: "", bytes: 1 } },
      "its payload is not kept (history.keepPayload)",
    ],
    [
      { payload: undefined, omittedBody: { sha256: "", bytes: 1, start: Buffer.alloc(1) } },
      "its payload was too large to be kept (history.overflow)",
    ],
    [{ status: "rejected", acceptedAs: "shop/1" }, "it was accepted as shop/1 already"],
    [{ payload: undefined, forgottenAt: 0 }, "its payload was erased at 1970-01-01T00:00:00.000Z"],
    [{ payload: undefined, status: "processing" }, "it is being handled for the first time"],
  ] as const)("says what a webhook lacks: %j", async (changes, lacks) => {
    expect(await plan([itemOf("shop/1", changes as Partial<HistoryItem>)])).toMatchObject([{ lacks }]);
  });
});

describe("the pace", () => {
  it("is even, and does not catch up after a pause", async () => {
    let now = 0;
    const waits: number[] = [];
    const pace = paceOf(
      10,
      () => now,
      async (milliseconds) => {
        waits.push(milliseconds);
        now += milliseconds;
      },
    );
    await pace.next(2);
    await pace.next(2);
    now += 10_000;
    await pace.next(2);
    await pace.next(2);
    expect(waits).toEqual([200, 200]);
  });

  it.each([
    [1, 1],
    [10, 2],
    [50, 10],
    [1_000, 10],
  ])("at %i a second sends %i together", (rate, size) => {
    expect(batchSize(rate, 10)).toBe(size);
  });
});

describe("a replay whose process was killed", () => {
  const folder = mkdtempSync(join(tmpdir(), "webhook-pipeline-journal-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = { replayId, stage: "test", account: "1", region: "r", table: "t", which: "all", by: "me" };
  const planned: PlannedReplay[] = Array.from({ length: 25 }, (_, index) => ({
    webhookId: `bank/${index}`,
    source: "bank",
    receivedAt: index,
  }));

  /** SQS, which refuses what it is told to, and may be killed after its nth request is done. */
  function sqsOf({ killedAfter = Number.POSITIVE_INFINITY, refuses = [] as string[] } = {}) {
    const sent: string[] = [];
    let requests = 0;
    const send = async ({ input }: { readonly input: SendMessageBatchCommandInput }) => {
      const entries = input.Entries ?? [];
      const refused = entries.filter(({ MessageBody = "" }) =>
        refuses.includes(String(JSON.parse(decodeEnvelope(MessageBody).body.toString()).id)),
      );
      sent.push(
        ...entries
          .filter((each) => !refused.includes(each))
          .map((entry) => entry.MessageDeduplicationId ?? ""),
      );
      requests += 1;
      if (requests > killedAfter) throw new Error("killed");
      return { Failed: refused.map(({ Id }) => ({ Id, Code: "Refused", SenderFault: true })) };
    };
    return { sent, sqs: { send } as unknown as SQSClient };
  }

  const sendWith = (journal: ReturnType<typeof openJournal>, sqs: SQSClient, problems: string[] = []) =>
    sendReplay({
      journal,
      send: toQueue(sqs, outputs),
      rate: 100_000,
      itemsOf: async (ids) => ids.map((id) => itemOf(id)),
      payloadOf: async ({ eventId }) =>
        envelopeOf({ source: "bank", body: Buffer.from(`{"id":${eventId},"account":"a"}`) }),
      stop: new AbortController().signal,
      onProgress: () => {},
      onProblem: (webhookId, end, why) => problems.push(`${end} ${webhookId}: ${why}`),
    });

  it("goes on with what is left; what was sent without a word is sent again under the same id", async () => {
    const before = sqsOf({ killedAfter: 1 });
    await expect(sendWith(startJournal(folder, run, planned), before.sqs)).rejects.toThrow("killed");
    const journal = openJournal(folder, replayId.slice(0, 13));
    expect(journal.planned).toEqual(planned);
    expect(journal.ends.size).toBe(10);

    const after = sqsOf();
    await sendWith(journal, after.sqs);
    expect(before.sent).toHaveLength(20);
    expect(after.sent).toHaveLength(15);
    expect(new Set([...before.sent, ...after.sent]).size).toBe(25);
    expect([...openJournal(folder, replayId).ends.values()]).toEqual(planned.map(() => "replayed"));
  });

  it("tries again what had failed", async () => {
    const other = newReplayId(Date.now());
    const problems: string[] = [];
    const journal = startJournal(folder, { ...run, replayId: other }, planned.slice(0, 3));
    await sendWith(journal, sqsOf({ refuses: ["1"] }).sqs, problems);
    expect(problems).toEqual(["failed bank/1: SQS did not take it: Refused: "]);
    const again = sqsOf();
    await sendWith(openJournal(folder, other), again.sqs);
    expect(again.sent).toHaveLength(1);
  });

  it("reads a journal whose last line broke off", async () => {
    const other = newReplayId(Date.now());
    const journal = startJournal(folder, { ...run, replayId: other }, planned.slice(0, 2));
    journal.write([0], "replayed");
    const { appendFileSync } = await import("node:fs");
    appendFileSync(join(folder, `${other}.ndjson`), '\n{"end":"repl');
    const opened = openJournal(folder, other);
    opened.write([1], "replayed");
    expect([...openJournal(folder, other).ends.keys()]).toEqual([0, 1]);
  });
});
