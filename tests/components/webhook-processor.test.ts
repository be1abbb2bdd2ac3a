import * as pulumi from "@pulumi/pulumi";
import { archiveFiles } from "local-aws";
import { describe, expect, it } from "vitest";
import { WebhookProcessor, type WebhookProcessorArgs } from "../../components/webhook-processor.js";
import { targets } from "../support/aws-target.js";
import { processorArgs } from "../support/default-args.js";
import { allowedBy, policyIn, registered, untagged } from "../support/registered.js";

const functionType = "aws:lambda/function:Function";
const mappingType = "aws:lambda/eventSourceMapping:EventSourceMapping";
const rolePolicyType = "aws:iam/rolePolicy:RolePolicy";
const keyPolicy = "events-processor-role-key-policy";

const queueArn = "arn:aws:sqs:eu-west-1:000000000000:events-queue";
const tableArn = "arn:aws:dynamodb:eu-west-1:000000000000:table/events";

const overflowBucket = { arn: "arn:aws:s3:::large", bucket: "large" };

function secret(name: string) {
  return { arn: `arn:aws:secretsmanager:eu-west-1:000000000000:secret:${name}`, name: `secret-of-${name}` };
}

const otherQueue = { ...targets.queue, arn: `${targets.queue.arn}-2` };

function allow(Sid: string, Action: string | string[], Resource: string[]) {
  return { Sid, Effect: "Allow", Action, Resource };
}

function processor(args: Partial<WebhookProcessorArgs> = {}): WebhookProcessor {
  return new WebhookProcessor("events", {
    ...processorArgs,
    code: new pulumi.asset.AssetArchive({ "index.mjs": new pulumi.asset.StringAsset("export {}") }),
    queue: { arn: queueArn, url: "https://sqs/events-queue" },
    history: { arn: tableArn, name: "events-history" },
    secrets: { github: secret("github"), stripe: secret("stripe") },
    ...args,
  });
}

describe("WebhookProcessor", () => {
  it("runs on Node 24, arm64, with half a gigabyte for half a minute", async () => {
    const { one } = await registered(() => processor());

    expect(one(functionType).inputs).toMatchObject({
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      handler: "index.handler",
      memorySize: 512,
      timeout: 30,
    });
  });

  it("reports failed webhooks one by one, without which a whole batch would be deleted", async () => {
    const { one } = await registered(() => processor());

    expect(one(mappingType).inputs).toMatchObject({
      eventSourceArn: queueArn,
      functionName: one(functionType).state.arn,
      functionResponseTypes: ["ReportBatchItemFailures"],
      batchSize: 10,
      maximumBatchingWindowInSeconds: 0,
      scalingConfig: { maximumConcurrency: 20 },
    });
  });

  it("leaves to operators whether it takes webhooks, so that a pause survives a deployment, and nothing else", async () => {
    const { one } = await registered(() => processor());

    expect(one(mappingType).inputs).not.toHaveProperty("enabled");
    expect(one(mappingType).ignoreChanges).toEqual(["enabled"]);
  });

  it("logs JSON into its own group, with what Lambda itself says of each run", async () => {
    const { one } = await registered(() => processor());

    expect(one(functionType).inputs.loggingConfig).toMatchObject({
      logFormat: "JSON",
      systemLogLevel: "INFO",
      logGroup: one("aws:cloudwatch/logGroup:LogGroup").state.name,
    });
  });

  it("is made after its role may do what it does, or its first webhooks would fail", async () => {
    const { one } = await registered(() => processor());

    expect(one(functionType).dependsOn).toContain(one(rolePolicyType).urn);
  });

  it("takes size, time, batch and concurrency that it is given", async () => {
    const { one } = await registered(() =>
      processor({
        memoryMegabytes: 1_024,
        timeoutSeconds: 60,
        batchSize: 100,
        batchWindowSeconds: 5,
        maxConcurrency: 3,
        logRetentionDays: 7,
      }),
    );

    expect(one(functionType).inputs).toMatchObject({ memorySize: 1_024, timeout: 60 });
    expect(one(mappingType).inputs).toMatchObject({
      batchSize: 100,
      maximumBatchingWindowInSeconds: 5,
      scalingConfig: { maximumConcurrency: 3 },
    });
    expect(one("aws:cloudwatch/logGroup:LogGroup").inputs.retentionInDays).toBe(7);
  });

  it.each([
    ["DEBUG", "DEBUG"],
    ["INFO", "INFO"],
    // A line with metrics counts as INFO and must get through.
    ["ERROR", "INFO"],
  ] as const)("has Lambda hand on the lines of level %s", async (logLevel, applicationLogLevel) => {
    const { one } = await registered(() => processor({ logLevel }));

    expect(one(functionType).inputs.loggingConfig).toMatchObject({ logFormat: "JSON", applicationLogLevel });
  });

  it("tells the function the names AWS gave, and no secret", async () => {
    const { one } = await registered(() => processor({ logLevel: "WARN" }));

    expect(one(functionType).inputs.environment).toEqual({
      variables: {
        WEBHOOK_QUEUE_URL: "https://sqs/events-queue",
        WEBHOOK_HISTORY_TABLE: "events-history",
        WEBHOOK_LOG_LEVEL: "WARN",
      },
    });
    const files = await archiveFiles(one(functionType).inputs.code as pulumi.asset.AssetArchive);
    expect(JSON.parse(String(files.get("secret-names.json")))).toEqual({
      github: "secret-of-github",
      stripe: "secret-of-stripe",
    });
  });

  it("may do exactly what its code does, on exactly its own resources", async () => {
    const { one } = await registered(() => processor());

    const log = one("aws:cloudwatch/logGroup:LogGroup").state.arn;
    expect(allowedBy(policyIn(one(rolePolicyType)))).toEqual([
      `sqs:ChangeMessageVisibility on ${queueArn}`,
      `sqs:DeleteMessage on ${queueArn}`,
      `sqs:GetQueueAttributes on ${queueArn}`,
      `sqs:ReceiveMessage on ${queueArn}`,
      `dynamodb:GetItem on ${tableArn}`,
      `dynamodb:PutItem on ${tableArn}`,
      `dynamodb:UpdateItem on ${tableArn}`,
      `secretsmanager:GetSecretValue on ${secret("github").arn}`,
      `secretsmanager:GetSecretValue on ${secret("stripe").arn}`,
      `logs:CreateLogStream on ${log}:*`,
      `logs:PutLogEvents on ${log}:*`,
    ]);
  });

  it("may hand webhooks to its targets, each by one action, and use the keys that encrypt them", async () => {
    const keyArn = "arn:aws:kms:eu-west-1:123456789012:key/theirs";
    const all = Object.values(targets).map((target) => ({ ...target, keyArn }));
    const { one } = await registered(() => processor({ targets: [...all, targets.queue, otherQueue] }));

    const statements = policyIn(one(rolePolicyType)).Statement;
    const uses = (word: RegExp) => statements.filter(({ Sid }) => word.test(Sid));
    expect(uses(/^(Put|Publish|Send|Start|Invoke)/)).toEqual([
      allow("PutEventsOnBuses", "events:PutEvents", [targets.eventBus.arn]),
      allow("PutRecordsIntoFirehose", "firehose:PutRecord", [targets.firehose.arn]),
      allow("InvokeFunctions", "lambda:InvokeFunction", [targets.function.arn]),
      allow("SendToQueues", "sqs:SendMessage", [targets.queue.arn, otherQueue.arn]),
      allow("StartExecutions", "states:StartExecution", [targets.stateMachine.arn]),
      allow("PutRecordsIntoStreams", "kinesis:PutRecord", [targets.stream.arn]),
      allow("PublishToTopics", "sns:Publish", [targets.topic.arn]),
    ]);
    const via = (service: string) => ({ StringLike: { "kms:ViaService": `${service}.*.amazonaws.com` } });
    const both = ["kms:Decrypt", "kms:GenerateDataKey"];
    expect(uses(/^Keys/)).toEqual([
      { ...allow("KeysOfQueues", both, [keyArn]), Condition: via("sqs") },
      { ...allow("KeysOfStateMachines", both, [keyArn]), Condition: via("states") },
      { ...allow("KeysOfStreams", ["kms:GenerateDataKey"], [keyArn]), Condition: via("kinesis") },
      { ...allow("KeysOfTopics", both, [keyArn]), Condition: via("sns") },
    ]);
  });

  it.each([
    ["ops", "arn:aws:events:eu-west-1:000000000000:event-bus/ops"],
    [
      "arn:aws:events:us-east-1:123456789012:event-bus/ops",
      "arn:aws:events:us-east-1:123456789012:event-bus/ops",
    ],
  ])("may tell the bus %s of the pipeline, and no other", async (eventBus, arn) => {
    const { one } = await registered(() => processor({ eventBus }));

    const uses = allowedBy(policyIn(one(rolePolicyType))).filter((allowed) => allowed.startsWith("events:"));
    expect(uses).toEqual([`events:PutEvents on ${arn}`]);
  });

  it("may send to its own queue where webhooks wait for their targets, and nowhere else", async () => {
    const without = await registered(() => processor());
    const { one } = await registered(() => processor({ sendsAgain: true }));

    const sending = (policy: Parameters<typeof policyIn>[0]) =>
      allowedBy(policyIn(policy)).filter((allowed) => allowed.startsWith("sqs:SendMessage"));
    expect(sending(without.one(rolePolicyType))).toEqual([]);
    expect(sending(one(rolePolicyType))).toEqual([`sqs:SendMessage on ${queueArn}`]);
  });

  it("may use the queue's key for that", async () => {
    const dataKeyArn = "arn:aws:kms:eu-west-1:000000000000:key/data";
    const { one } = await registered(() => processor({ dataKeyArn, sendsAgain: true }));

    expect(policyIn(one(rolePolicyType, keyPolicy)).Statement).toContainEqual({
      Sid: "SendWaitingWebhooksAgainKey",
      Effect: "Allow",
      Action: "kms:GenerateDataKey",
      Resource: dataKeyArn,
      Condition: { StringLike: { "kms:ViaService": "sqs.*.amazonaws.com" } },
    });
  });

  it("may read no secret when no source has one", async () => {
    const { one } = await registered(() => processor({ secrets: {} }));

    expect(allowedBy(policyIn(one(rolePolicyType))).filter((allowed) => allowed.includes("secret"))).toEqual(
      [],
    );
  });

  it("encrypts environment and log with the key it is given, which it may only read with", async () => {
    const keyArn = "arn:aws:kms:eu-west-1:000000000000:key/mine";
    const { one } = await registered(() => processor({ keyArn }));

    expect(one(functionType).inputs.kmsKeyArn).toBe(keyArn);
    expect(one("aws:cloudwatch/logGroup:LogGroup").inputs.kmsKeyId).toBe(keyArn);
    const uses = allowedBy(policyIn(one(rolePolicyType))).filter((allowed) => allowed.startsWith("kms:"));
    expect(uses).toEqual([`kms:Decrypt on ${keyArn}`]);
  });

  it("may put large payloads into the bucket it is given and read them back for a replay, and knows its name", async () => {
    const { one } = await registered(() => processor({ overflowBucket }));

    const uses = allowedBy(policyIn(one(rolePolicyType))).filter((allowed) => allowed.startsWith("s3:"));
    expect(uses).toEqual(["s3:GetObject on arn:aws:s3:::large/*", "s3:PutObject on arn:aws:s3:::large/*"]);
    expect(one(functionType).inputs.environment).toMatchObject({
      variables: { WEBHOOK_OVERFLOW_BUCKET: "large" },
    });
  });

  it("may use the key of queue and table, to write through DynamoDB alone", async () => {
    const dataKeyArn = "arn:aws:kms:eu-west-1:000000000000:key/data";
    const { one } = await registered(() => processor({ dataKeyArn }));

    const statements = policyIn(one(rolePolicyType, keyPolicy)).Statement;
    expect(statements.map(({ Action }) => Action)).toEqual([
      "kms:Decrypt",
      ["kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
    ]);
    expect(statements[1]?.Condition).toEqual({
      StringLike: { "kms:ViaService": "dynamodb.*.amazonaws.com" },
    });
  });

  it("may use that key through S3 as well, once there is a bucket, or no payload would get in", async () => {
    const dataKeyArn = "arn:aws:kms:eu-west-1:000000000000:key/data";
    const { one } = await registered(() => processor({ dataKeyArn, overflowBucket }));

    expect(policyIn(one(rolePolicyType, keyPolicy)).Statement).toContainEqual({
      Sid: "OverflowBucketKey",
      Effect: "Allow",
      Action: "kms:GenerateDataKey",
      Resource: dataKeyArn,
      Condition: { StringLike: { "kms:ViaService": "s3.*.amazonaws.com" } },
    });
  });

  it("traces only when told to, and may only then", async () => {
    const off = await registered(() => processor());
    const on = await registered(() => processor({ tracing: true }));

    expect(off.one(functionType).inputs.tracingConfig).toEqual({ mode: "PassThrough" });
    expect(on.one(functionType).inputs.tracingConfig).toEqual({ mode: "Active" });
    expect(allowedBy(policyIn(off.one(rolePolicyType))).join()).not.toContain("xray");
    expect(allowedBy(policyIn(on.one(rolePolicyType)))).toContain("xray:PutTraceSegments on *");
  });

  it("runs in the VPC it is given, and only then may attach to one", async () => {
    const off = await registered(() => processor());
    const on = await registered(() =>
      processor({ vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] } }),
    );

    expect(off.one(functionType).inputs).not.toHaveProperty("vpcConfig");
    expect(on.one(functionType).inputs.vpcConfig).toEqual({
      subnetIds: ["subnet-1"],
      securityGroupIds: ["sg-1"],
    });
    expect(allowedBy(policyIn(off.one(rolePolicyType))).join()).not.toContain("ec2");
    expect(allowedBy(policyIn(on.one(rolePolicyType, "events-processor-role-vpc-policy")))).toContain(
      "ec2:CreateNetworkInterface on *",
    );
  });

  it("may still give its network interfaces back when it has left a VPC", async () => {
    const { one } = await registered(() => processor({ leavesVpc: true }));

    expect(one(functionType).inputs).not.toHaveProperty("vpcConfig");
    expect(allowedBy(policyIn(one(rolePolicyType, "events-processor-role-vpc-policy")))).toContain(
      "ec2:DeleteNetworkInterface on *",
    );
  });

  it("tags every taggable child and parents all to itself", async () => {
    const tags = { team: "payments" };
    const { resources, one } = await registered(() => processor({ tags }));

    expect(untagged(resources, tags)).toEqual([]);
    const { urn } = one("webhooks:index:WebhookProcessor");
    expect(resources.filter(({ custom }) => custom).every(({ parent }) => parent === urn)).toBe(true);
  });
});
