import { createHash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { sha256 } from "../../../runtime/envelope/sha256.js";
import type { AwsTargetDefinition, TargetKind } from "../../../runtime/stage/targets.js";
import {
  type AwsAnswer,
  type AwsRequest,
  arn,
  type FakeAws,
  handOver,
  type Sent,
  startFakeAws,
  targets,
} from "../../support/aws-target.js";

let aws: FakeAws | undefined;
afterEach(async () => {
  await aws?.stop();
  aws = undefined;
});

const answers: Readonly<Record<TargetKind, AwsAnswer>> = {
  queue: { status: 200, body: "" },
  eventBus: { status: 200, body: '{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}' },
  topic: {
    status: 200,
    headers: { "content-type": "text/xml" },
    body: "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>",
  },
  function: { status: 202, body: "" },
  stateMachine: { status: 200, body: '{"executionArn":"e","startDate":1}' },
  stream: { status: 200, body: '{"SequenceNumber":"1","ShardId":"s"}' },
  firehose: { status: 200, body: '{"RecordId":"1"}' },
};

/** Answers as the service does when it has taken what it was sent. */
const accept = (kind: TargetKind) => (request: AwsRequest) => {
  if (kind !== "queue") return answers[kind];
  // The client compares it with what it has sent.
  const MD5OfMessageBody = createHash("md5").update(jsonOf(request).MessageBody).digest("hex");
  return { status: 200, body: JSON.stringify({ MD5OfMessageBody }) };
};

const jsonOf = ({ body }: AwsRequest) => JSON.parse(body.toString());

/** What AWS gets for a webhook that it accepts. */
async function requestFor(target: AwsTargetDefinition, sent: Sent = {}): Promise<AwsRequest> {
  aws = await startFakeAws(accept(target.kind));
  expect(await handOver(target, sent)).toEqual({ outcome: "processed" });
  const [request] = aws.requests;
  if (request === undefined || aws.requests.length > 1) throw new Error("AWS was not called once");
  return request;
}

describe("a queue", () => {
  it("gets the webhook as a message, with what receivers route by as attributes", async () => {
    const { MessageBody, ...request } = jsonOf(await requestFor(targets.queue));
    expect(JSON.parse(MessageBody)).toMatchObject({ id: "shop/o-1", body: '{"type":"order.paid"}' });
    expect(request).toEqual({
      QueueUrl: "https://sqs.eu-west-1.amazonaws.com/210987654321/orders",
      MessageAttributes: {
        source: { DataType: "String", StringValue: "shop" },
        method: { DataType: "String", StringValue: "POST" },
        type: { DataType: "String", StringValue: "order.paid" },
      },
    });
  });

  it("that is FIFO keeps a source's order, and takes a repetition once", async () => {
    const request = jsonOf(await requestFor({ ...targets.queue, arn: arn("sqs", "orders.fifo") }));
    expect(request).toMatchObject({ MessageGroupId: "shop", MessageDeduplicationId: sha256("shop/o-1") });
  });

  it("groups by a value of the webhook, in a form that SQS takes", async () => {
    const target = { ...targets.queue, messageGroup: "json:customer" } as const;
    const group = async (customer: string) => {
      const request = await requestFor(target, { body: JSON.stringify({ customer }) });
      await aws?.stop();
      return jsonOf(request).MessageGroupId;
    };
    expect(await group("cus_1")).toBe("cus_1");
    expect(await group("not a group")).toBe(sha256("not a group"));
  });

  it("gets nothing without the value that groups it", async () => {
    aws = await startFakeAws(accept("queue"));
    const target = { ...targets.queue, messageGroup: "json:customer" } as const;
    expect(await handOver(target)).toEqual({
      outcome: "invalid",
      reason: "it has no value for json:customer (messageGroup)",
    });
    expect(aws.requests).toEqual([]);
  });

  it("in China has its URL there", async () => {
    const target = { ...targets.queue, arn: "arn:aws-cn:sqs:cn-north-1:210987654321:orders" };
    expect(jsonOf(await requestFor(target)).QueueUrl).toBe(
      "https://sqs.cn-north-1.amazonaws.com.cn/210987654321/orders",
    );
  });
});

describe("an event bus", () => {
  it("gets a CloudEvent as the detail of an event whose type and time are the webhook's", async () => {
    const request = await requestFor(targets.eventBus);
    const [{ Detail, ...entry }] = jsonOf(request).Entries;
    expect(entry).toEqual({
      EventBusName: targets.eventBus.arn,
      Source: "webhooks.shop",
      DetailType: "order.paid",
      Time: 1_767_225_600,
    });
    expect(JSON.parse(Detail)).toMatchObject({ type: "order.paid", data: { type: "order.paid" } });
  });

  it("has the detail-type webhook for one whose type is not known", async () => {
    const [entry] = jsonOf(await requestFor(targets.eventBus, { body: "{}" })).Entries;
    expect(entry.DetailType).toBe("webhook");
  });

  it("gets no event whose type is longer than a detail-type", async () => {
    const body = JSON.stringify({ type: "t".repeat(129) });
    expect(await handOver(targets.eventBus, { body })).toEqual({
      outcome: "invalid",
      reason: "its type has 129 characters, and EventBridge's detail-type at most 128",
    });
  });
});

describe("a topic", () => {
  it("gets the attributes that filter policies need", async () => {
    const form = new URLSearchParams((await requestFor(targets.topic)).body.toString());
    const attributes = [1, 2, 3].map((number) => {
      const of = (name: string) => form.get(`MessageAttributes.entry.${number}.${name}`);
      return [of("Name"), of("Value.DataType"), of("Value.StringValue")];
    });
    expect(attributes.sort()).toEqual([
      ["method", "String", "POST"],
      ["source", "String", "shop"],
      ["type", "String", "order.paid"],
    ]);
    expect(form.get("TopicArn")).toBe(targets.topic.arn);
    expect(JSON.parse(form.get("Message") ?? "")).toMatchObject({ id: "shop/o-1" });
  });
});

describe("a function", () => {
  const answering = { ...targets.function, invocation: "request-response" } as const;

  it("gets the webhook as an event that Lambda queues", async () => {
    const { url, headers, body } = await requestFor(targets.function);
    expect(decodeURIComponent(url)).toContain(`/functions/${targets.function.arn}/invocations`);
    expect(headers["x-amz-invocation-type"]).toBe("Event");
    expect(JSON.parse(body.toString())).toMatchObject({ id: "shop/o-1" });
  });

  it("that answers has processed the webhook", async () => {
    aws = await startFakeAws(() => ({ status: 200, body: "null" }));
    expect(await handOver(answering)).toEqual({ outcome: "processed" });
    expect(aws.requests[0]?.headers["x-amz-invocation-type"]).toBe("RequestResponse");
  });

  it.each([
    ["TypeError", "failed", "TargetError: the function orders failed: TypeError: no such order"],
    ["InvalidWebhookError", "invalid", "no such order"],
  ])("that throws %s leaves the webhook %s", async (errorType, outcome, reason) => {
    aws = await startFakeAws(() => ({
      status: 200,
      headers: { "x-amz-function-error": "Unhandled" },
      body: JSON.stringify({ errorType, errorMessage: "no such order", trace: [] }),
    }));
    expect(await handOver(answering)).toMatchObject({ outcome, reason });
  });

  it("that ends without a word leaves the webhook failed", async () => {
    aws = await startFakeAws(() => ({
      status: 200,
      headers: { "x-amz-function-error": "Unhandled" },
      body: "",
    }));
    expect(await handOver(answering)).toMatchObject({
      outcome: "failed",
      reason: "TargetError: the function orders failed: it did not say why",
    });
  });

  it("is not called when its whole time is not left", async () => {
    aws = await startFakeAws(() => ({ status: 200, body: "null" }));
    expect(await handOver(answering, {}, { deadlineMilliseconds: 9_999 })).toMatchObject({
      untried: true,
      reason: expect.stringContaining(
        "not sent to the function orders: 9.9 s of the function's time were left, and its timeoutSeconds is 10",
      ),
    });
    expect(aws.requests).toEqual([]);
  });

  it("is not run twice at once when it takes too long", async () => {
    aws = await startFakeAws(() => undefined);
    expect(await handOver({ ...answering, timeoutSeconds: 1 })).toMatchObject({
      outcome: "failed",
      reason: "TargetError: the function orders did not answer within 1 s",
    });
    expect(aws.requests).toHaveLength(1);
  });
});

describe("a state machine", () => {
  it("starts an execution that is named after the webhook, so that a repetition starts nothing", async () => {
    const first = jsonOf(await requestFor(targets.stateMachine));
    await aws?.stop();
    const second = jsonOf(await requestFor(targets.stateMachine));
    await aws?.stop();
    const other = jsonOf(await requestFor(targets.stateMachine, { eventId: "o-2" }));
    expect(first).toEqual(second);
    expect(other.name).not.toBe(first.name);
    expect(first).toMatchObject({
      stateMachineArn: targets.stateMachine.arn,
      name: `shop-${sha256("shop/o-1")}`,
    });
  });

  it("gets a name that is never too long", async () => {
    const { name } = jsonOf(await requestFor(targets.stateMachine, { eventId: "ü".repeat(500) }));
    expect(name).toMatch(/^[a-z0-9-]{1,80}$/);
  });
});

describe("a stream", () => {
  it("gets the webhook under a partition key", async () => {
    const target = { ...targets.stream, partitionKey: "json:type" } as const;
    const { Data, ...request } = jsonOf(await requestFor(target));
    expect(request).toEqual({ StreamARN: target.arn, PartitionKey: "order.paid" });
    expect(JSON.parse(Buffer.from(Data, "base64").toString())).toMatchObject({ id: "shop/o-1" });
  });

  it("gets a hash for a partition key that is too long", async () => {
    const key = "k".repeat(257);
    const target = { ...targets.stream, partitionKey: "json:key" } as const;
    const request = jsonOf(await requestFor(target, { body: JSON.stringify({ key }) }));
    expect(request.PartitionKey).toBe(sha256(key));
  });
});

describe("a Firehose stream", () => {
  it("gets one line for each webhook, also for a body of many lines", async () => {
    const request = jsonOf(
      await requestFor({ ...targets.firehose, format: "cloudevents" }, { body: '{\n"type":\n"a"}\n' }),
    );
    expect(request.DeliveryStreamName).toBe("orders");
    const text = Buffer.from(request.Record.Data, "base64").toString();
    expect(text.split("\n")).toEqual([expect.stringContaining('"type":"a"'), ""]);
    expect(JSON.parse(text)).toMatchObject({ type: "a", data: { type: "a" } });
  });
});

describe("a webhook that is too large for its target", () => {
  /** Bytes that a webhook's message has besides its body, by target. */
  const largest: readonly (readonly [AwsTargetDefinition, number])[] = [
    [targets.queue, 1_048_576],
    [{ ...targets.queue, maximumBytes: 1_024 }, 1_024],
    [targets.eventBus, 1_048_575],
    [targets.topic, 262_144],
    [targets.function, 1_048_576],
    [{ ...targets.function, invocation: "request-response" }, 6_291_456],
    [targets.stateMachine, 262_144],
    [targets.stream, 1_048_576],
    [targets.firehose, 1_024_000],
  ];

  it.each(largest)("%j: is taken up to %d bytes and no further", async (target, mostBytes) => {
    const sent = async (length: number) => handOver(target, { headers: [], body: "x".repeat(length) });
    aws = await startFakeAws(accept(target.kind));
    const { reason = "" } = await sent(mostBytes + 3);
    const [, bytes] = /it takes (\d+) bytes/.exec(reason) ?? [];
    // A CloudEvent has the body in base64, which grows by four characters for three bytes.
    const isBase64 = target.format === "cloudevents";
    const surplus = Number(bytes) - mostBytes;
    const fits = mostBytes + 3 - (isBase64 ? Math.ceil(surplus / 4) * 3 : surplus);
    expect(await sent(fits)).toEqual({ outcome: "processed" });
    expect(await sent(fits + (isBase64 ? 3 : 1))).toMatchObject({ outcome: "invalid" });
    expect(aws.requests).toHaveLength(1);
  });

  const body = "x".repeat(300_000);
  const stored = new Map<string, Buffer>();
  const bucket = {
    name: "overflow",
    put: async (key: string, bytes: Uint8Array) => void stored.set(key, Buffer.from(bytes)),
  };

  it("goes into the bucket, and the target gets a claim check", async () => {
    aws = await startFakeAws(accept("stateMachine"));
    const result = await handOver(targets.stateMachine, { body }, { context: { bucket } });
    expect(result).toEqual({ outcome: "processed" });
    const { claimCheck } = JSON.parse(jsonOf(aws.requests[0] as AwsRequest).input);
    const bytes = stored.get(claimCheck.key) ?? Buffer.alloc(0);
    expect(claimCheck).toMatchObject({ bucket: "overflow", sha256: sha256(bytes), bytes: bytes.length });
    expect(JSON.parse(bytes.toString())).toMatchObject({ id: "shop/o-1", body });
  });

  it.each([
    ["the stage has no overflow bucket (history.overflow)", {}],
    ["the overflow bucket must not have it (keepPayload)", { bucket, source: { keepPayload: "none" } }],
    [
      "the overflow bucket must not have its redacted values (redact)",
      { bucket, source: { redact: ["json:email"] } },
    ],
  ] as const)("is invalid where %s", async (why, context) => {
    stored.clear();
    const result = await handOver(targets.stateMachine, { body }, { context });
    expect(result.outcome).toBe("invalid");
    expect(result.reason).toMatch(
      new RegExp(
        `^it takes \\d+ bytes, the state machine orders takes 262144, and ${why.replace(/[()]/g, "\\$&")}$`,
      ),
    );
    expect(stored.size).toBe(0);
  });

  it("is invalid where it would put the sender's credentials into the bucket", async () => {
    const target = { ...targets.stateMachine, passSecretHeaders: true };
    const result = await handOver(target, { body }, { context: { bucket } });
    expect(result.reason).toContain("must not have the sender's credentials (passSecretHeaders)");
  });

  it("is tried again if the bucket does not take it", async () => {
    const put = () => Promise.reject(new Error("SlowDown"));
    const context = { bucket: { name: "overflow", put } };
    expect(await handOver(targets.stateMachine, { body }, { context })).toMatchObject({ outcome: "failed" });
  });
});

describe("a sender's credentials", () => {
  const sent: Sent = {
    headers: [
      ["Authorization", "Basic c2VjcmV0"],
      ["X-Forwarded-For", "10.0.0.1"],
      ["X-Tag", "kept"],
    ],
    query: [
      ["token", "secret"],
      ["page", "2"],
    ],
  };

  it("stay with the pipeline", async () => {
    aws = await startFakeAws(accept("queue"));
    const signature = { kind: "token", query: "token" } as const;
    await handOver(targets.queue, sent, { context: { source: { signature } } });
    const { headers, query } = JSON.parse(jsonOf(aws.requests[0] as AwsRequest).MessageBody);
    expect(headers).toEqual({ "x-tag": ["kept"] });
    expect(query).toEqual({ page: ["2"] });
  });

  it("are passed on where the target asks for them", async () => {
    const request = await requestFor({ ...targets.queue, passSecretHeaders: true }, sent);
    const { headers, query } = JSON.parse(jsonOf(request).MessageBody);
    expect(headers).toEqual({ authorization: ["Basic c2VjcmV0"], "x-tag": ["kept"] });
    expect(query).toEqual({ token: ["secret"], page: ["2"] });
  });
});

describe("a target that does not answer", () => {
  it("is given up with the function's time", async () => {
    aws = await startFakeAws(() => undefined);
    expect(await handOver(targets.queue, {}, { deadlineMilliseconds: 500 })).toMatchObject({
      outcome: "failed",
    });
  });
});
