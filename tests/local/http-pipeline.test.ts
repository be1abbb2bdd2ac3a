import { createHmac } from "node:crypto";
import { eventually, type Received, sendRequest, unusedActions } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalPipeline, startPipeline } from "../../local/pipeline.js";
import { roleArn } from "../support/role-arn.js";

const stage = { stack: "http", stageFile: "tests/fixtures/Pulumi.http.yaml" };

interface GitHubDelivery {
  readonly body: string | Buffer;
  readonly secret?: string;
  /** More headers, names and values in turn. */
  readonly headers?: readonly string[];
  readonly signed?: boolean;
}

/** Posts a webhook as GitHub does. */
function deliver(pipeline: LocalPipeline, id: string, delivery: GitHubDelivery): Promise<Received> {
  const { body, secret = pipeline.secrets.values.github ?? "", headers = [], signed = true } = delivery;
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  return sendRequest(pipeline.endpoints.github ?? "", {
    headers: [
      ...["Content-Type", "application/json", "X-GitHub-Delivery", id, "X-GitHub-Event", "push"],
      ...(signed ? ["X-Hub-Signature-256", `sha256=${signature}`] : []),
      ...headers,
    ],
    body,
  });
}

const queued = (pipeline: LocalPipeline) =>
  Object.values(pipeline.queues.counts()).reduce(
    (sum, { visible, notVisible, delayed }) => sum + visible + notVisible + delayed,
    0,
  );

describe("the program of a stage with api.kind http on this machine", () => {
  let pipeline: LocalPipeline;
  beforeAll(async () => {
    pipeline = await startPipeline(stage);
  });
  afterAll(() => pipeline?.stop());

  const ended = (id: string) =>
    eventually(`the end of ${id}`, async () =>
      (await pipeline.history()).find(({ webhookId, status }) => webhookId === id && status !== "processing"),
    );
  const rejected = () =>
    pipeline.history().then((items) => items.filter(({ status }) => status === "rejected"));

  it("takes a signed webhook with UTF-8 in it, and processes it once", async () => {
    const body = JSON.stringify({ action: "opened", text: "grüße €😀\u{feff}" });
    const first = await deliver(pipeline, "utf-8", { body });
    expect((await ended("github/utf-8")).status).toBe("processed");
    const again = await deliver(pipeline, "utf-8", { body });

    expect([first.status, again.status]).toEqual([200, 200]);
    await eventually("an empty queue", () => queued(pipeline) === 0);
    const items = await pipeline.history();
    expect(items.filter(({ webhookId }) => webhookId === "github/utf-8")).toHaveLength(1);
  });

  it("answers with what SQS says", async () => {
    const { headers, body } = await deliver(pipeline, "answer", { body: "{}" });

    expect(headers["content-type"]).toBe("text/xml");
    expect(body).toMatch(/<SendMessageResponse .*<MessageId>/);
    expect(headers["apigw-requestid"]).toMatch(/^[\w+/]+=*$/);
  });

  it("turns a forged webhook and one without a signature away, and keeps both", async () => {
    const before = (await rejected()).length;
    const answers = [
      await deliver(pipeline, "forged", { body: '{"n":1}', secret: "another" }),
      await deliver(pipeline, "unsigned", { body: '{"n":2}', signed: false }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const items = await eventually("two rejected webhooks", async () => {
      const all = await rejected();
      return all.length === before + 2 ? all : undefined;
    });
    expect(items.map(({ reason }) => reason)).toContain("the header x-hub-signature-256 is missing");
  });

  it("takes a token in the URL", async () => {
    const url = `${pipeline.endpoints.crm}?token=${pipeline.secrets.values.crm}`;
    const { status } = await sendRequest(url, { body: '{"id":"7"}' });

    expect(status).toBe(200);
    expect((await ended("crm/7")).status).toBe("processed");
  });

  it("does not get bytes through that are no UTF-8: the signature no longer fits", async () => {
    const before = (await rejected()).length;
    const { status } = await deliver(pipeline, "bytes", { body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) });

    expect(status).toBe(200);
    await eventually("the rejected webhook", async () => (await rejected()).length === before + 1);
  });

  it.each([
    ["an empty body", "", 400],
    ["a character that SQS does not take", "{\u0000}", 502],
    ["more than SQS takes", "x".repeat(1_048_577), 502],
    ["more than API Gateway takes", "x".repeat(10 * 1024 * 1024 + 1), 413],
  ])("refuses %s, for the sender to see", async (_, body, status) => {
    expect((await deliver(pipeline, "refused", { body })).status).toBe(status);
    expect((await pipeline.history()).map(({ webhookId }) => webhookId)).not.toContain("github/refused");
  });

  it("refuses headers that break the attributes, for the sender to see", async () => {
    const { status } = await deliver(pipeline, "broken", { body: "{}", headers: ["Content-Type", 'a"b'] });

    expect(status).toBe(500);
  });

  it("answers 404 to sources and methods that it does not know", async () => {
    const unknown = await sendRequest(`${pipeline.url}/webhooks/nobody`, { body: "{}" });
    const get = await sendRequest(pipeline.endpoints.github ?? "", { method: "GET" });

    expect([unknown.status, get.status]).toEqual([404, 404]);
  });

  it("was allowed all it did, and used every permission of its role", () => {
    expect(pipeline.calls.filter(({ allowed }) => !allowed)).toEqual([]);
    expect(pipeline.problems).toEqual([]);
    const role = roleArn(pipeline.graph, "webhooks-http-api-role");
    expect(unusedActions(pipeline.graph, role, pipeline.calls)).toEqual([]);
  });

  it("feeds the alarms with metrics that exist", async () => {
    await eventually("the function's own metrics", () =>
      pipeline.metrics.seen().some(({ namespace }) => namespace === "WebhookPipeline"),
    );
    const ofApi = pipeline.alarms.unknownMetrics().filter(({ reason }) => reason.startsWith("AWS/"));
    expect(ofApi).toEqual([]);
    const seen = pipeline.metrics.seen().filter(({ namespace }) => namespace === "AWS/ApiGateway");
    expect(seen).toContainEqual(
      expect.objectContaining({ name: "5xx", dimensions: { ApiId: "webhooks-http-api" } }),
    );
  });

  it("logs requests as the stage's format says", () => {
    const lines = pipeline.logs
      .filter(({ line }) => line.includes('"routeKey"'))
      .map(({ line }) => JSON.parse(line));

    expect(lines).toContainEqual(
      expect.objectContaining({
        routeKey: "POST /webhooks/github",
        status: "502",
        integrationStatus: "400",
        sourceIp: "127.0.0.1",
      }),
    );
  });
});

describe("a sender that breaks out of its attribute, should AWS let it", () => {
  it("cannot pass for another source: its message is unreadable, and kept", async () => {
    const pipeline = await startPipeline(stage);
    try {
      const forged = '"},"webhook":{"DataType":"String","StringValue":"1 crm 1 id 192.0.2.1 /webhooks/crm';
      const { status } = await deliver(pipeline, "x", { body: "{}", headers: ["X-GitHub-Event", forged] });

      expect(status).toBe(200);
      await eventually("its end", async () => (await pipeline.history()).length === 1, 20_000);
      expect(await pipeline.history()).toMatchObject([
        {
          source: "_unreadable",
          status: "unreadable",
          reason: expect.stringContaining("group is not its source"),
        },
      ]);
      expect(pipeline.queues.deadLetters()).toEqual([]);
    } finally {
      await pipeline.stop();
    }
  });
});

describe("routes on another stack's API", () => {
  it("are served on this machine under the name of its stage", async () => {
    const pipeline = await startPipeline({
      ...stage,
      overrides: {
        "webhook-pipeline:sources": [{ name: "github", signature: { scheme: "github" } }],
        "webhook-pipeline:api": { kind: "http", existing: { name: "shared" }, stageName: "prod" },
      },
    });
    try {
      expect(new URL(pipeline.endpoints.github ?? "").pathname).toBe("/prod/webhooks/github");
      expect((await deliver(pipeline, "shared", { body: "{}" })).status).toBe(200);
      await eventually("the end", async () =>
        (await pipeline.history()).some(({ status }) => status === "processed"),
      );
      expect(pipeline.alarms.unknownMetrics().filter(({ reason }) => reason.startsWith("AWS/"))).toEqual([]);
    } finally {
      await pipeline.stop();
    }
  });
});
