import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateDeliveryStreamCommand, FirehoseClient } from "@aws-sdk/client-firehose";
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
} from "@aws-sdk/client-kinesis";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
} from "@aws-sdk/client-sfn";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { describe, expect, it, vi } from "vitest";
import { handOver, targets } from "../support/aws-target.js";
import { account, emulator, makeRole, named, region, settings } from "../support/engine/emulator.js";

const arnOf = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
const roleArn = `arn:aws:iam::${account}:role/${named("targets")}`;

/** Makes a queue and gives its URL, its ARN and its name. */
async function makeQueue(suffix: string, Attributes?: Record<string, string>) {
  const sqs = new SQSClient(settings);
  const QueueName = `${named("targets")}${suffix}`;
  const { QueueUrl = "" } = await sqs.send(
    new CreateQueueCommand({ QueueName, ...(Attributes === undefined ? {} : { Attributes }) }),
  );
  const receive = async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
    );
    return Messages;
  };
  return { arn: arnOf("sqs", QueueName), receive };
}

describe.skipIf(emulator === undefined)("a target on an emulated AWS", () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  const processed = { outcome: "processed" };

  it("a queue gets the message with its attributes", async () => {
    const { arn, receive } = await makeQueue("");
    expect(await handOver({ ...targets.queue, arn })).toEqual(processed);
    const [message] = await receive();
    expect(JSON.parse(message?.Body ?? "")).toMatchObject({ id: "shop/o-1", isBase64Encoded: false });
    expect(message?.MessageAttributes?.type).toMatchObject({ StringValue: "order.paid" });
  });

  it("a FIFO queue gets a repetition once", async () => {
    const { arn, receive } = await makeQueue(".fifo", { FifoQueue: "true" });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(await handOver({ ...targets.queue, arn })).toEqual(processed);
    }
    expect(await receive()).toHaveLength(1);
  });

  it("a queue that does not exist leaves the webhook failed", async () => {
    const { outcome, reason } = await handOver({
      ...targets.queue,
      arn: arnOf("sqs", named("targets-gone")),
    });
    expect(outcome).toBe("failed");
    expect(reason).toContain("answered QueueDoesNotExist: there is no such queue");
  });

  it("a topic's subscription chooses by the attributes", async () => {
    const sns = new SNSClient(settings);
    const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: named("targets") }));
    const { arn: Endpoint, receive } = await makeQueue("-subscribed");
    const FilterPolicy = JSON.stringify({ type: ["order.paid"], source: ["shop"] });
    const Attributes = { FilterPolicy, RawMessageDelivery: "true" };
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint, Attributes }));
    expect(await handOver({ ...targets.topic, arn: TopicArn })).toEqual(processed);
    const other = { body: '{"type":"order.made"}', eventId: "o-2" };
    expect(await handOver({ ...targets.topic, arn: TopicArn }, other)).toEqual(processed);
    const messages = await receive();
    expect(messages.map(({ Body = "" }) => JSON.parse(Body).id)).toEqual(["shop/o-1"]);
  });

  it("a bus's rule matches the data of the event", async () => {
    const events = new EventBridgeClient(settings);
    const { EventBusArn = "" } = await events.send(new CreateEventBusCommand({ Name: named("targets") }));
    const { arn: Arn, receive } = await makeQueue("-rule");
    const EventPattern = JSON.stringify({
      source: ["webhooks.shop"],
      "detail-type": ["order.paid"],
      detail: { data: { amount: [{ numeric: [">", 100] }] } },
    });
    const on = { EventBusName: named("targets") };
    await events.send(new PutRuleCommand({ Name: "paid", ...on, EventPattern }));
    await events.send(new PutTargetsCommand({ Rule: "paid", ...on, Targets: [{ Id: "1", Arn }] }));
    for (const amount of [5, 500]) {
      const body = JSON.stringify({ type: "order.paid", amount });
      expect(await handOver({ ...targets.eventBus, arn: EventBusArn }, { body })).toEqual(processed);
    }
    const messages = await receive();
    expect(messages.map(({ Body = "" }) => JSON.parse(Body).detail.data.amount)).toEqual([500]);
  });

  it("a state machine starts one execution", async () => {
    const sfn = new SFNClient(settings);
    const definition = JSON.stringify({ StartAt: "a", States: { a: { Type: "Pass", End: true } } });
    const { stateMachineArn = "" } = await sfn.send(
      new CreateStateMachineCommand({ name: named("targets"), definition, roleArn }),
    );
    const target = { ...targets.stateMachine, arn: stateMachineArn };
    expect(await handOver(target)).toEqual(processed);
    expect(await handOver(target)).toEqual(processed);
    const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
    expect(executions).toHaveLength(1);
    const [{ executionArn = "" } = {}] = executions;
    const { input = "" } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(JSON.parse(input)).toMatchObject({ id: "shop/o-1" });
  });

  it("a stream gets the record under its key", async () => {
    const kinesis = new KinesisClient({ ...settings, requestHandler: new NodeHttpHandler() });
    const StreamName = named("targets");
    await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
    const arn = arnOf("kinesis", `stream/${StreamName}`);
    expect(await handOver({ ...targets.stream, arn, partitionKey: "json:type" })).toEqual(processed);
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({
        StreamName,
        ShardId: "shardId-000000000000",
        ShardIteratorType: "TRIM_HORIZON",
      }),
    );
    const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    expect(Records.map(({ PartitionKey }) => PartitionKey)).toEqual(["order.paid"]);
    expect(JSON.parse(Buffer.from(Records[0]?.Data ?? []).toString())).toMatchObject({ id: "shop/o-1" });
  });

  it("a Firehose stream gets one line", async () => {
    const s3 = new S3Client({ ...settings, forcePathStyle: true });
    const Bucket = named("targets");
    await s3.send(new CreateBucketCommand({ Bucket }));
    const DeliveryStreamName = named("targets");
    await new FirehoseClient(settings).send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName,
        ExtendedS3DestinationConfiguration: { RoleARN: roleArn, BucketARN: `arn:aws:s3:::${Bucket}` },
      }),
    );
    const arn = arnOf("firehose", `deliverystream/${DeliveryStreamName}`);
    expect(await handOver({ ...targets.firehose, arn })).toEqual(processed);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: Contents[0]?.Key }));
    const text = (await Body?.transformToString()) ?? "";
    expect(text.endsWith("}\n")).toBe(true);
    expect(JSON.parse(text)).toMatchObject({ id: "shop/o-1" });
  });

  it("a function gets the webhook", async () => {
    await makeRole(named("targets"));
    const lambda = new LambdaClient(settings);
    // The emulator answers for the function instead of running it in a container.
    await fetch(`${emulator}/moto-api/config`, {
      method: "POST",
      body: JSON.stringify({ lambda: { use_docker: false } }),
    });
    const { FunctionArn = "" } = await lambda.send(
      new CreateFunctionCommand({
        FunctionName: named("targets"),
        Role: roleArn,
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Code: { ZipFile: Buffer.from("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==", "base64") },
      }),
    );
    for (const invocation of ["event", "request-response"] as const) {
      const target = { ...targets.function, arn: FunctionArn, invocation };
      expect(await handOver(target)).toEqual(processed);
    }
  });
});
