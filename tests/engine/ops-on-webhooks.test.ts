import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createHistoryTable } from "../../bench/handler/emulator/emulator.js";
import { decodeEnvelope } from "../../runtime/envelope/envelope.js";
import { createHistory } from "../../runtime/history/history.js";
import { packPayload } from "../../runtime/payload/payload.js";
import { account, emulator, named, region, settings } from "../support/engine/emulator.js";
import { operate } from "../support/ops.js";
import { envelopeOf } from "../support/sqs-events.js";

const table = named("history");
const body = Buffer.from('{"id":"o-1"}');

describe.skipIf(emulator === undefined)("the operator's command with webhooks on an emulated AWS", () => {
  const folder = mkdtempSync(join(tmpdir(), "webhook-pipeline-operations-"));
  const outputs = join(folder, "outputs.json");
  const sqs = new SQSClient(settings);
  let QueueUrl = "";
  const ops = (...args: string[]) => operate([...args, "--stack", "emulated", "--outputs", outputs]);

  beforeAll(async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
    vi.stubEnv("XDG_STATE_HOME", folder);
    const client = new DynamoDBClient(settings);
    await createHistoryTable({ client }, table);
    ({ QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: named("webhooks") })));
    const lane = { function: "f", logGroup: "/aws/lambda/f", eventSourceMapping: "m", type: "standard" };
    const source = { signature: { kind: "none" }, eventId: ["json:id"], keepPayload: "all", subscribers: {} };
    const stage = {
      endpoints: { shop: "https://example.com/v1/webhooks/shop" },
      secretNames: {},
      queueUrls: { webhooks: QueueUrl },
      deadLetterQueueUrls: { webhooks: QueueUrl },
      historyTable: table,
      alarmTopicArn: `arn:aws:sns:${region}:${account}:alarms`,
      operations: {
        keyArn: `arn:aws:kms:${region}:${account}:key/k`,
        lanes: { webhooks: { ...lane, maxReceiveCount: 3, sources: ["shop"], subscribers: [] } },
        sources: { shop: source },
      },
    };
    writeFileSync(outputs, JSON.stringify(stage));

    const receivedAt = Date.now() - 60_000;
    const history = createHistory({ client, table, timeoutSeconds: 30, ttlDays: 30, clock: Date.now });
    const webhook = { webhookId: "shop/o-1", source: "shop", eventId: "o-1", receivedAt, requestId: "JKJa=" };
    const claimed = await history.claim(webhook);
    if (claimed.state !== "claimed") throw new Error("the webhook is not new");
    const payload = await packPayload(envelopeOf({ source: "shop", receivedAt, body }));
    await history.finish(claimed.claim, {
      outcome: "ignored",
      reason: "a test order",
      handlerMilliseconds: 5,
      payload,
    });
    client.destroy();
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    sqs.destroy();
    rmSync(folder, { recursive: true });
  });

  it("lists a webhook", async () => {
    const { code, data } = await ops("list", "--outcome", "ignored", "--where", "json:id=o-1", "--ndjson");
    expect(code).toBe(0);
    expect(JSON.parse(data)).toMatchObject({ id: "shop/o-1", outcome: "ignored", reason: "a test order" });
  });

  it.each(["o-1", "shop/o", "JKJa="])("shows it by %s", async (id) => {
    expect(await ops("show", id)).toMatchObject({ code: 0, data: expect.stringContaining('"id": "o-1"') });
    expect((await ops("show", id, "--raw")).data).toBe(body.toString());
  });

  it("replays it", async () => {
    const { code, data } = await ops("replay", "--outcome", "ignored", "--yes");
    expect([code, data]).toEqual([0, "asked 1, replayed 1, skipped 0, failed 0\n"]);
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    const { replayId, ...webhook } = decodeEnvelope(Messages[0]?.Body ?? "");
    expect(replayId).toMatch(/^[0-9a-f-]{36}$/);
    expect(webhook).toMatchObject({ source: "shop", headers: envelopeOf().headers, body });
  });

  it("forgets it", async () => {
    expect((await ops("forget", "o-1", "--yes")).data).toBe("erased shop/o-1\n");
    expect((await ops("show", "o-1")).data).toContain("its payload was erased by");
  });
});
