import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { FirehoseClient, PutRecordCommand as PutFirehoseRecordCommand } from "@aws-sdk/client-firehose";
import { KinesisClient, PutRecordCommand, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccessKey, operatorKey } from "../../../iam/principal.js";
import { StepFunctions } from "../../../services/targets/step-functions.js";
import { startTestCloud, type TestCloud } from "../../support/cloud.js";
import { arnOf, queue, region, resource, role } from "../../support/graphs.js";

const theirs = (service: string, name: string) => `arn:aws:${service}:eu-west-1:210987654321:${name}`;
const arns = {
  queue: theirs("sqs", "orders"),
  fifoTopic: theirs("sns", "orders.fifo"),
  eventBus: theirs("events", "event-bus/orders"),
  function: theirs("lambda", "function:orders:live"),
  stateMachine: theirs("states", "stateMachine:orders"),
  stream: theirs("kinesis", "stream/orders"),
  firehose: theirs("firehose", "deliverystream/orders"),
};
const ownBus = resource("aws:cloudwatch/eventBus:EventBus", "own");
const ownStream = resource("aws:kinesis/stream:Stream", "own");
const ownFunction = "arn:aws:lambda:us-east-1:000000000000:function:own";

const mayUseAll = [
  { Action: "sqs:SendMessage", Resource: arns.queue },
  { Action: "sns:Publish", Resource: arns.fifoTopic },
  { Action: "events:PutEvents", Resource: [arns.eventBus, arnOf(ownBus)] },
  { Action: "lambda:InvokeFunction", Resource: [arns.function, ownFunction] },
  { Action: "states:StartExecution", Resource: arns.stateMachine },
  { Action: ["kinesis:PutRecord", "kinesis:PutRecords"], Resource: [arns.stream, arnOf(ownStream)] },
  { Action: "firehose:PutRecord", Resource: arns.firehose },
];
const allowed = role("allowed", "lambda.amazonaws.com", ...mayUseAll);
const idle = role("idle", "lambda.amazonaws.com", {
  Action: "sqs:SendMessage",
  Resource: theirs("sqs", "x"),
});

let test: TestCloud;
const made: { destroy(): void }[] = [];
beforeAll(async () => {
  test = await startTestCloud((origin) => [
    ...allowed,
    ...idle,
    ownBus,
    ownStream,
    queue("orders", {}, origin),
    resource("aws:lambda/function:Function", "own"),
  ]);
});
afterAll(async () => {
  for (const client of made) client.destroy();
  await test.close();
});

/** Clients that sign as a role. */
function clientsOf([who]: readonly { state: Record<string, unknown> }[]) {
  const key: AccessKey = test.keys.issue({ kind: "role", arn: String(who?.state.arn) });
  const settings = { region, endpoint: test.origin, credentials: key, maxAttempts: 1 };
  const clients = {
    sqs: new SQSClient({ ...settings, useQueueUrlAsEndpoint: false }),
    sns: new SNSClient(settings),
    events: new EventBridgeClient(settings),
    lambda: new LambdaClient(settings),
    sfn: new SFNClient(settings),
    kinesis: new KinesisClient({ ...settings, requestHandler: new NodeHttpHandler() }),
    firehose: new FirehoseClient(settings),
  };
  made.push(...Object.values(clients));
  return clients;
}

type Clients = ReturnType<typeof clientsOf>;
const theirQueueUrl = "https://sqs.eu-west-1.amazonaws.com/210987654321/orders";
const entry = { Source: "webhooks.shop", DetailType: "order.paid", Detail: '{"a":1}' };
const fifo = { MessageGroupId: "shop", MessageDeduplicationId: "1" };

/** A call of each service on what is somebody else's. */
const calls: Readonly<Record<string, (clients: Clients) => Promise<unknown>>> = {
  [`sqs:SendMessage on resource: ${arns.queue}`]: ({ sqs }) =>
    sqs.send(new SendMessageCommand({ QueueUrl: theirQueueUrl, MessageBody: "a" })),
  [`sns:Publish on resource: ${arns.fifoTopic}`]: ({ sns }) =>
    sns.send(new PublishCommand({ TopicArn: arns.fifoTopic, Message: "a", ...fifo })),
  [`events:PutEvents on resource: ${arns.eventBus}`]: ({ events }) =>
    events.send(new PutEventsCommand({ Entries: [{ ...entry, EventBusName: arns.eventBus }] })),
  [`lambda:InvokeFunction on resource: ${arns.function}`]: ({ lambda }) =>
    lambda.send(new InvokeCommand({ FunctionName: arns.function, InvocationType: "Event", Payload: "{}" })),
  [`states:StartExecution on resource: ${arns.stateMachine}`]: ({ sfn }) =>
    sfn.send(new StartExecutionCommand({ stateMachineArn: arns.stateMachine, input: "{}" })),
  [`kinesis:PutRecord on resource: ${arns.stream}`]: ({ kinesis }) =>
    kinesis.send(new PutRecordCommand({ StreamARN: arns.stream, PartitionKey: "a", Data: Buffer.from("a") })),
  [`firehose:PutRecord on resource: ${arns.firehose}`]: ({ firehose }) =>
    firehose.send(
      new PutFirehoseRecordCommand({ DeliveryStreamName: "orders", Record: { Data: Buffer.from("a") } }),
    ),
};

describe("what is somebody else's", () => {
  it.each(Object.keys(calls))("is there for a role that may use it: %s", async (name) => {
    await expect(calls[name]?.(clientsOf(allowed))).resolves.toBeDefined();
  });

  it.each(Object.keys(calls))("is closed to a role that may not, which is named: %s", async (name) => {
    await expect(calls[name]?.(clientsOf(idle))).rejects.toThrow(
      `User: arn:aws:iam::000000000000:role/idle is not authorized to perform: ${name}`,
    );
  });

  it("is kept apart from what has the same name here", async () => {
    const sent = test.cloud.sqs.queueByUrl(theirQueueUrl)?.peek().length ?? 0;
    expect(sent).toBeGreaterThan(0);
    expect(test.cloud.sqs.queueByUrl(`${test.origin}/000000000000/orders`)?.peek()).toEqual([]);
  });
});

describe("EventBridge", () => {
  const put = (...Entries: object[]) =>
    clientsOf(allowed).events.send(new PutEventsCommand({ Entries } as never));

  it("puts an event on a bus as its rules see it", async () => {
    const Time = new Date("2026-01-01T00:00:00.900Z");
    const { FailedEntryCount, Entries } = await put({ ...entry, Time, EventBusName: "own" });
    expect(FailedEntryCount).toBe(0);
    expect(test.cloud.eventBridge.received.of(arnOf(ownBus)).at(-1)).toEqual({
      version: "0",
      id: Entries?.[0]?.EventId,
      "detail-type": "order.paid",
      source: "webhooks.shop",
      account: "000000000000",
      time: "2026-01-01T00:00:00Z",
      region: "us-east-1",
      resources: [],
      detail: { a: 1 },
    });
  });

  it("refuses one entry and takes the other", async () => {
    const on = { EventBusName: "own" };
    const results = await put(
      { ...entry, ...on, Detail: "[1]" },
      { ...entry, ...on, Source: "aws.s3" },
      { ...entry, ...on, Source: undefined },
      { ...entry, ...on, DetailType: "t".repeat(129) },
      { ...entry, ...on },
    );
    expect(results.FailedEntryCount).toBe(4);
    expect(results.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      "MalformedDetail",
      "NotAuthorizedForSourceException",
      "InvalidArgument",
      "InvalidArgument",
      undefined,
    ]);
  });

  it("refuses entries of 1 MiB together, and takes one byte less", async () => {
    const { Source, DetailType } = entry;
    const besides = Source.length + DetailType.length + '{"a":""}'.length;
    const ofSize = (bytes: number) => ({
      ...entry,
      EventBusName: "own",
      Detail: JSON.stringify({ a: "x".repeat(bytes - besides) }),
    });
    await expect(put(ofSize(1_048_576))).rejects.toMatchObject({ name: "ValidationException" });
    expect((await put(ofSize(1_048_575))).FailedEntryCount).toBe(0);
  });

  it("refuses eleven entries", async () => {
    const eleven = Array.from({ length: 11 }, () => ({ ...entry, EventBusName: "own" }));
    await expect(put(...eleven)).rejects.toMatchObject({ name: "ValidationException" });
  });
});

describe("Step Functions", () => {
  const start = (input: object) =>
    clientsOf(allowed).sfn.send(new StartExecutionCommand({ stateMachineArn: arns.stateMachine, ...input }));

  it("starts a name once", async () => {
    const { executionArn } = await start({ name: "once", input: '{"a":1}' });
    expect(executionArn).toBe("arn:aws:states:eu-west-1:210987654321:execution:orders:once");
    await expect(start({ name: "once", input: '{"a":1}' })).rejects.toMatchObject({
      name: "ExecutionAlreadyExists",
    });
    const started = test.cloud.stepFunctions.executions.of(arns.stateMachine);
    expect(started.filter(({ name }) => name === "once")).toEqual([
      { arn: executionArn, name: "once", input: { a: 1 } },
    ]);
  });

  it("starts it again after 90 days", () => {
    let now = Date.now();
    const { graph } = test.cloud;
    const service = new StepFunctions(graph, () => now);
    const again = () =>
      service.handle(
        "StartExecution",
        { stateMachineArn: arns.stateMachine, name: "n" },
        { kind: "operator" },
      );
    again();
    now += 90 * 86_400_000 - 1;
    expect(again).toThrow("Execution Already Exists");
    now += 1;
    expect(again).not.toThrow();
  });

  it.each([
    ["InvalidName", { name: "a b" }],
    ["InvalidExecutionInput", { input: "{" }],
    ["ValidationException", { input: JSON.stringify("x".repeat(262_143)) }],
  ])("refuses with %s", async (name, input) => {
    await expect(start(input)).rejects.toMatchObject({ name });
  });
});

describe("Lambda", () => {
  const invoke = (input: object) =>
    clientsOf(allowed).lambda.send(
      new InvokeCommand({ FunctionName: arns.function, Payload: Buffer.from('{"a":1}'), ...input }),
    );

  it("keeps an event, and gives back what a function returns or throws", async () => {
    expect((await invoke({ InvocationType: "Event" })).StatusCode).toBe(202);
    test.cloud.lambda.answerWith(arns.function, (payload) => ({ payload: { got: payload } }));
    const { StatusCode, Payload, FunctionError } = await invoke({});
    expect([StatusCode, Payload?.transformToString(), FunctionError]).toEqual([
      200,
      '{"got":{"a":1}}',
      undefined,
    ]);
    const thrown = { errorType: "TypeError", errorMessage: "no" };
    test.cloud.lambda.answerWith(arns.function, () => ({ payload: thrown, functionError: "Unhandled" }));
    expect((await invoke({})).FunctionError).toBe("Unhandled");
    expect(test.cloud.lambda.invocations.of(arns.function).at(-1)).toEqual({
      type: "RequestResponse",
      payload: { a: 1 },
    });
  });

  it.each([
    ["InvalidRequestContentException", { Payload: Buffer.from("{") }],
    ["RequestTooLargeException", { InvocationType: "Event", Payload: Buffer.alloc(1_048_577, "1") }],
    ["RequestTooLargeException", { Payload: Buffer.alloc(6_291_457, "1") }],
  ])("refuses with %s", async (name, input) => {
    await expect(invoke(input)).rejects.toMatchObject({ name });
  });

  it("says that the program's own functions are not run by Invoke here", async () => {
    await expect(invoke({ FunctionName: ownFunction })).rejects.toThrow("from their event sources alone");
  });
});

describe("Kinesis", () => {
  it("takes records under their keys, one or many", async () => {
    const { kinesis } = clientsOf(allowed);
    const record = { PartitionKey: "shop", Data: Buffer.from([0, 255]) };
    const first = await kinesis.send(new PutRecordCommand({ StreamName: "own", ...record }));
    expect(first.ShardId).toBe("shardId-000000000000");
    const many = await kinesis.send(new PutRecordsCommand({ StreamName: "own", Records: [record, record] }));
    expect(many.FailedRecordCount).toBe(0);
    const numbers = [first, ...(many.Records ?? [])].map(({ SequenceNumber }) => BigInt(SequenceNumber ?? 0));
    expect(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0n))).toBe(true);
    expect(test.cloud.kinesis.received.of(arnOf(ownStream))).toEqual(
      Array.from({ length: 3 }, () => ({ partitionKey: "shop", data: Buffer.from([0, 255]) })),
    );
  });

  it.each([
    ["a key that is too long", { PartitionKey: "k".repeat(257), Data: Buffer.from("a") }],
    ["more than 10 MiB with its key", { PartitionKey: "k", Data: Buffer.alloc(10_485_760) }],
  ])("refuses %s", async (_, record) => {
    const put = new PutRecordCommand({ StreamName: "own", ...record });
    await expect(clientsOf(allowed).kinesis.send(put)).rejects.toMatchObject({ name: "ValidationException" });
  });
});

describe("Firehose", () => {
  const put = (Data: Buffer) =>
    clientsOf(allowed).firehose.send(
      new PutFirehoseRecordCommand({ DeliveryStreamName: "orders", Record: { Data } }),
    );

  it("takes records of up to 1,000 KiB", async () => {
    const most = Buffer.alloc(1_024_000, 1);
    expect((await put(most)).RecordId).toBeDefined();
    expect(test.cloud.firehose.received.of(arns.firehose).at(-1)?.equals(most)).toBe(true);
    await expect(put(Buffer.alloc(1_024_001))).rejects.toMatchObject({ name: "ValidationException" });
  });
});

describe("a FIFO topic of somebody else", () => {
  it("takes a deduplication id once", async () => {
    const publish = () =>
      clientsOf(allowed).sns.send(
        new PublishCommand({
          TopicArn: arns.fifoTopic,
          Message: "a",
          MessageGroupId: "g",
          MessageDeduplicationId: "twice",
        }),
      );
    const [first, second] = [await publish(), await publish()];
    expect(second.MessageId).toBe(first.MessageId);
    expect(test.cloud.sns.inbox.filter(({ groupId }) => groupId === "g")).toHaveLength(1);
  });

  it("refuses a message without a group", async () => {
    const publish = new PublishCommand({
      TopicArn: arns.fifoTopic,
      Message: "a",
      MessageDeduplicationId: "1",
    });
    await expect(clientsOf(allowed).sns.send(publish)).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
  });
});

describe("what does not exist", () => {
  it.each([
    ["ResourceNotFoundException", "Event bus gone does not exist.", "events"],
    ["StateMachineDoesNotExist", "State Machine Does Not Exist", "sfn"],
    ["ResourceNotFoundException", "Function not found", "lambda"],
    ["ResourceNotFoundException", "Stream gone under account", "kinesis"],
    ["ResourceNotFoundException", "Firehose gone under account", "firehose"],
  ] as const)("is answered with %s: %s", async (name, message, service) => {
    // The operator may do everything, and so learns what is there.
    const settings = { region, endpoint: test.origin, credentials: operatorKey, maxAttempts: 1 };
    const gone: Readonly<Record<typeof service, () => Promise<unknown>>> = {
      events: () =>
        new EventBridgeClient(settings).send(
          new PutEventsCommand({ Entries: [{ ...entry, EventBusName: "gone" }] }),
        ),
      sfn: () =>
        new SFNClient(settings).send(
          new StartExecutionCommand({ stateMachineArn: `${arns.stateMachine}-2` }),
        ),
      lambda: () => new LambdaClient(settings).send(new InvokeCommand({ FunctionName: `${ownFunction}-2` })),
      kinesis: () =>
        new KinesisClient({ ...settings, requestHandler: new NodeHttpHandler() }).send(
          new PutRecordCommand({ StreamName: "gone", PartitionKey: "k", Data: Buffer.from("a") }),
        ),
      firehose: () =>
        new FirehoseClient(settings).send(
          new PutFirehoseRecordCommand({ DeliveryStreamName: "gone", Record: { Data: Buffer.from("a") } }),
        ),
    };
    await expect(gone[service]()).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
  });
});
