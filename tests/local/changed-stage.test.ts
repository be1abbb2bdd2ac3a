import { createHmac } from "node:crypto";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalPipeline, startPipeline } from "../../local/pipeline.js";
import { encodeEnvelope } from "../../runtime/envelope/envelope.js";
import { envelopeOf } from "../support/sqs-events.js";

/** The first of the two updates by which a source gets another name, another address and another type of queue. */
const overrides = {
  "webhook-pipeline:sources": [
    { name: "hub", rememberedAs: "github", formerNames: ["github"], signature: { scheme: "github" } },
    { name: "old", retiring: true, signature: { scheme: "none" }, eventId: ["json:id"] },
  ],
  "webhook-pipeline:api": {
    pathPrefix: "hooks",
    formerPathPrefixes: ["webhooks"],
    stageName: "v2",
    formerStageNames: ["v1"],
  },
  "webhook-pipeline:queue": { type: "fifo", formerType: "standard" },
};

describe("a stage in the middle of a change", () => {
  let pipeline: LocalPipeline;
  beforeAll(async () => {
    pipeline = await startPipeline({ stack: "dev", overrides });
  });
  afterAll(() => pipeline?.stop());

  async function post(path: string, id: string): Promise<number> {
    const body = JSON.stringify({ id });
    const signature = createHmac("sha256", pipeline.secrets.values.hub ?? "")
      .update(body)
      .digest("hex");
    const response = await fetch(new URL(path, pipeline.endpoints.hub), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-github-delivery": id,
        "x-hub-signature-256": `sha256=${signature}`,
      },
      body,
    });
    await response.arrayBuffer();
    return response.status;
  }

  const statusOf = (webhookId: string) =>
    eventually(`the end of ${webhookId}`, async () => {
      const items = await pipeline.history();
      return items.find((item) => item.webhookId === webhookId && item.status !== "processing")?.status;
    });

  it("takes webhooks at every address that the source had, each event once", async () => {
    const paths = ["/v2/hooks/hub", "/v1/webhooks/github", "/v2/webhooks/hub", "/v1/hooks/github"];
    const answers = await Promise.all(paths.map((path, index) => post(path, `event-${index}`)));

    expect(answers).toEqual([200, 200, 200, 200]);
    expect(await Promise.all(paths.map((_, index) => statusOf(`github/event-${index}`)))).toEqual(
      paths.map(() => "processed"),
    );
    expect(await post("/v1/webhooks/github", "event-0")).toBe(200);
    await eventually("an empty queue", () => pipeline.queues.deadLetters().length === 0);
    expect((await pipeline.history()).filter(({ webhookId }) => webhookId.endsWith("event-0"))).toHaveLength(
      1,
    );
  });

  it("works off what still waits in the former queue, of a source that takes no more webhooks too", async () => {
    const { endpoint, region, key } = pipeline.aws;
    const sqs = new SQSClient({ endpoint, region, credentials: key });
    const QueueUrl = String((pipeline.graph.outputs.queueUrls as Record<string, string>).webhooks);
    const waiting = envelopeOf({ source: "old", body: Buffer.from('{"id":"late"}') });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: encodeEnvelope(waiting) }));
    sqs.destroy();

    expect(await statusOf("old/late")).toBe("processed");
    expect(await post("/v2/hooks/old", "never")).toBe(404);
  });

  it("was allowed all it did", () => {
    expect(pipeline.calls.filter(({ allowed }) => !allowed)).toEqual([]);
  });
});
