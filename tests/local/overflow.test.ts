import { createHash, createHmac, randomBytes } from "node:crypto";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually, unusedActions } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalPipeline, startPipeline } from "../../local/pipeline.js";
import { encodeEnvelope } from "../../runtime/envelope/envelope.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import type { StoredWebhook } from "../../runtime/payload/storable.js";
import { endOf, idIn } from "../support/ingest-pipeline.js";
import { lookup } from "../support/registered.js";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const signature = (body: Buffer, secret: string) => createHmac("sha256", secret).update(body).digest("hex");

/** A pipeline whose history has a bucket for what is too large for it, as by default. */
const startWithOverflow = (encryption: string) =>
  startPipeline({
    stack: "dev",
    overrides: {
      "webhook-pipeline:sources": [
        { name: "signed", signature: { scheme: "hmac", header: "x-signature" }, eventId: ["body"] },
        { name: "known", signature: { scheme: "token", header: "x-token" }, eventId: ["body"] },
      ],
      "webhook-pipeline:encryption": encryption,
    },
  });

/** Posts a webhook with what proves it genuine, and resolves what became of it. */
async function deliver(
  pipeline: LocalPipeline,
  source: "signed" | "known",
  body: Buffer,
): Promise<HistoryItem> {
  const secret = pipeline.secrets.values[source] ?? "";
  const proof = { signed: { "x-signature": signature(body, secret) }, known: { "x-token": secret } };
  const response = await fetch(pipeline.endpoints[source] ?? "", {
    method: "POST",
    headers: { "content-type": "application/octet-stream", ...proof[source] },
    body: new Uint8Array(body),
  });
  expect(response.status).toBe(200);
  return endOf(pipeline, idIn({ body: await response.text() }));
}

async function replay({ aws, graph }: LocalPipeline, webhook: StoredWebhook, replayId: string) {
  const sqs = new SQSClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.key });
  const [QueueUrl] = Object.values(graph.outputs.queueUrls as Record<string, string>);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: encodeEnvelope({ ...webhook, replayId }) }));
  sqs.destroy();
}

const bucketOf = ({ graph }: LocalPipeline) =>
  String(lookup(graph.resources).one("aws:s3/bucket:Bucket").state.bucket);
const roleOf = ({ graph }: LocalPipeline) =>
  String(lookup(graph.resources).one("aws:lambda/function:Function").inputs.role);

describe.each([
  { encryption: "aws-managed", algorithm: "AES256" },
  { encryption: "customer-key", algorithm: "aws:kms" },
])("a webhook that is too large for the history, with $encryption", ({ encryption, algorithm }) => {
  let pipeline: LocalPipeline;
  const body = randomBytes(700_000);

  beforeAll(async () => {
    pipeline = await startWithOverflow(encryption);
  });
  afterAll(() => pipeline?.stop());

  it("is processed, stands in the bucket, and reads back bit for bit", async () => {
    const item = await deliver(pipeline, "signed", body);
    expect(item).toMatchObject({ status: "processed" });
    expect(item.payload).toBeUndefined();

    const { endpoint, region, key } = pipeline.aws;
    const s3 = new S3Client({ endpoint, region, credentials: key });
    const object = await s3.send(
      new GetObjectCommand({ Bucket: bucketOf(pipeline), Key: item.overflow?.key }),
    );
    const bytes = (await object.Body?.transformToByteArray()) ?? new Uint8Array();
    s3.destroy();
    expect(object.ServerSideEncryption).toBe(algorithm);
    expect({ sha256: sha256(bytes), bytes: bytes.length }).toEqual({
      sha256: item.overflow?.sha256,
      bytes: item.overflow?.bytes,
    });

    const kept = await pipeline.payloadOf(item);
    expect(kept?.body.equals(body)).toBe(true);
  });

  it("is believed when it is replayed without what proved it, because the bucket has the same", async () => {
    const before = await deliver(pipeline, "known", body);
    const kept = await pipeline.payloadOf(before);
    if (kept === undefined) throw new Error("there is nothing to replay");
    await replay(pipeline, kept, "replay-1");
    const after = await eventually("the end of the replay", async () => {
      const items = await pipeline.history();
      return items.find(({ replayIds, status }) => replayIds !== undefined && status !== "processing");
    });
    expect(after).toMatchObject({
      webhookId: before.webhookId,
      status: "processed",
      replayIds: ["replay-1"],
    });
  });

  it("was allowed, with the permissions that the function has for it", () => {
    expect(pipeline.calls.filter(({ allowed }) => !allowed)).toEqual([]);
    expect(pipeline.problems).toEqual([]);
    const unused = unusedActions(pipeline.graph, roleOf(pipeline), pipeline.calls);
    expect(unused).not.toContain("s3:GetObject");
    expect(unused).not.toContain("s3:PutObject");
    expect(unused).not.toContain("kms:GenerateDataKey");
  });
});
