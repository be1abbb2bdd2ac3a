import { beforeEach, describe, expect, it } from "vitest";
import { defineHandler } from "../../../runtime/define-handler.js";
import { encodeReplayReference } from "../../../runtime/envelope/replay-reference.js";
import type { Webhook } from "../../../runtime/envelope/webhook.js";
import { rejectedEventId } from "../../../runtime/history/event-id.js";
import { attentionKeys } from "../../../runtime/history/item.js";
import { sharedHistoryTable } from "../../support/dynamodb.js";
import {
  crmWebhook,
  githubSecret,
  githubWebhook,
  replayOf,
  startProcessor,
} from "../../support/processor.js";
import { sqsRecord } from "../../support/sqs-events.js";

const database = await sharedHistoryTable();
let serial = 0;
let id: string;
beforeEach(() => {
  id = `replayed-${++serial}`;
});

function recorder() {
  const seen: Webhook[] = [];
  return { seen, handler: defineHandler((webhook) => void seen.push(webhook)) };
}

describe("promise 3: a replay of what is done", () => {
  it("runs its handler once more for each replay id, with the original bytes, id and receive time", async () => {
    const { seen, handler } = recorder();
    const processor = startProcessor(database, { crm: handler });
    await processor.run([sqsRecord(crmWebhook(id))]);
    const first = await replayOf(database, `crm/${id}`, "r-1");
    processor.advance(86_400_000);
    await processor.run([sqsRecord(first)]);
    await processor.run([sqsRecord(first)]);
    const second = await replayOf(database, `crm/${id}`, "r-2");
    const response = await processor.run([sqsRecord(second), sqsRecord(first)]);

    expect(response.batchItemFailures.length).toBeLessThanOrEqual(1);
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(new Set(seen.map((webhook) => `${webhook.id} ${webhook.receivedAt.getTime()}`)).size).toBe(1);
    expect(seen.every(({ body }) => body.equals(crmWebhook(id).body))).toBe(true);
    expect(await database.item(`crm/${id}`)).toMatchObject({
      status: "processed",
      replayIds: ["r-1", "r-2"],
    });
  });

  it("does the same for a message that only refers to the webhook, because it has no room for it", async () => {
    const { seen, handler } = recorder();
    const processor = startProcessor(database, { crm: handler });
    await processor.run([sqsRecord(crmWebhook(id))]);
    const webhookId = `crm/${id}`;
    const message = encodeReplayReference({ webhookId, replayId: "r-1" });
    for (let delivery = 0; delivery < 2; delivery += 1) {
      expect(await processor.run([sqsRecord(message)])).toEqual({ batchItemFailures: [] });
    }
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(seen[1]?.body.equals(crmWebhook(id).body)).toBe(true);
    expect(await database.item(webhookId)).toMatchObject({ status: "processed", replayIds: ["r-1"] });
  });

  it("keeps a message in the queue that refers to what the history does not keep", async () => {
    const processor = startProcessor(database, { crm: recorder().handler });
    const record = sqsRecord(encodeReplayReference({ webhookId: `crm/${id}`, replayId: "r-1" }));
    const { batchItemFailures } = await processor.run([record]);
    expect(batchItemFailures).toEqual([{ itemIdentifier: record.messageId }]);
    expect(processor.lines.join("\n")).toContain(`the history does not keep that webhook's payload`);
  });

  it("holds the signed time against the original receive time, however late it comes", async () => {
    const { seen, handler } = recorder();
    const processor = startProcessor(database, { github: handler });
    await processor.run([sqsRecord(await githubWebhook(id))]);
    processor.advance(50 * 86_400_000);
    await processor.run([sqsRecord(await replayOf(database, `github/${id}`, "r-1"))]);

    expect(seen).toHaveLength(2);
  });
});

describe("promise 4: a replay of what was rejected", () => {
  async function rejected(processor: ReturnType<typeof startProcessor>) {
    const webhook = await githubWebhook(id, { secret: "the new secret" });
    await processor.run([sqsRecord(webhook)]);
    const rejectedId = `github/${rejectedEventId(webhook)}`;
    expect(await database.item(rejectedId)).toMatchObject({ status: "rejected" });
    return rejectedId;
  }

  it("is verified afresh, worked on under its event id, and no longer listed", async () => {
    const { seen, handler } = recorder();
    const processor = startProcessor(database, { github: handler });
    const rejectedId = await rejected(processor);
    processor.secrets.set("webhooks/github", "the new secret");
    processor.advance(600_000);
    await processor.run([sqsRecord(await replayOf(database, rejectedId, "r-1"))]);

    expect(seen.map(({ id }) => id)).toEqual([`github/${id}`]);
    expect(await database.item(`github/${id}`)).toMatchObject({ status: "processed", replayIds: ["r-1"] });
    expect(await database.item(rejectedId)).toMatchObject({ status: "rejected", acceptedAs: `github/${id}` });
    expect(await database.listed("by_attention", attentionKeys("rejected"))).not.toContain(rejectedId);
  });

  it("stays where it is, as one item, while nothing has been mended", async () => {
    const { seen, handler } = recorder();
    const processor = startProcessor(database, { github: handler });
    const rejectedId = await rejected(processor);
    for (const replayId of ["r-1", "r-2"]) {
      await processor.run([sqsRecord(await replayOf(database, rejectedId, replayId))]);
    }

    expect(seen).toEqual([]);
    expect(await database.item(`github/${id}`)).toBeUndefined();
    expect(await database.listed("by_attention", attentionKeys("rejected"))).toContain(rejectedId);
  });

  it("of an event that came good by itself meanwhile is let in once, as any replay", async () => {
    const { seen, handler } = recorder();
    const processor = startProcessor(database, { github: handler });
    const rejectedId = await rejected(processor);
    processor.secrets.set("webhooks/github", JSON.stringify(["the new secret", githubSecret]));
    processor.advance(600_000);
    await processor.run([sqsRecord(await githubWebhook(id))]);
    const replay = await replayOf(database, rejectedId, "r-1");
    await processor.run([sqsRecord(replay)]);
    await processor.run([sqsRecord(replay)]);

    expect(seen).toHaveLength(2);
    expect(await database.item(rejectedId)).toMatchObject({ acceptedAs: `github/${id}` });
  });
});
