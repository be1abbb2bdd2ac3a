import { createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListQueuesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually, resourcesOfType, unusedActions } from "local-aws";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type LocalPipeline, startPipeline } from "../../local/pipeline.js";
import { encodeEnvelope } from "../../runtime/envelope/envelope.js";
import { roleArn } from "../support/role-arn.js";
import { envelopeOf } from "../support/sqs-events.js";

/** Posts a webhook as GitHub does. */
async function post(pipeline: LocalPipeline, id: string, secret = pipeline.secrets.values.github ?? "") {
  const body = JSON.stringify({ id, text: "€😀" });
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const response = await fetch(pipeline.endpoints.github ?? "", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-github-delivery": id,
      "x-github-event": "push",
      "x-hub-signature-256": `sha256=${signature}`,
    },
    body,
  });
  await response.arrayBuffer();
  return response.status;
}

/** Puts a message into the queue past the API. */
async function sendToQueue(pipeline: LocalPipeline, MessageBody: string): Promise<void> {
  const { endpoint, region, key } = pipeline.aws;
  const sqs = new SQSClient({ endpoint, region, credentials: key });
  const QueueUrl = String((pipeline.graph.outputs.queueUrls as Record<string, string>).webhooks);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  sqs.destroy();
}

const ended = (pipeline: LocalPipeline, count: number) =>
  eventually(`${count} finished webhooks`, async () => {
    const items = await pipeline.history();
    return items.filter(({ status }) => status !== "processing").length >= count ? items : undefined;
  });

describe("the program's dev stage on this machine", () => {
  let pipeline: LocalPipeline;
  beforeAll(async () => {
    pipeline = await startPipeline({ stack: "dev" });
  });
  afterAll(() => pipeline?.stop());

  it("takes webhooks, works them off and remembers them, once each", async () => {
    const answers = [await post(pipeline, "good"), await post(pipeline, "forged", "another secret")];
    await ended(pipeline, 2);
    answers.push(await post(pipeline, "good"));
    expect(answers).toEqual([200, 200, 200]);
    const items = await ended(pipeline, 2);
    await eventually("an empty queue", () => Object.values(pipeline.queues.counts()).every(isEmpty));
    expect(items.map(({ status }) => status).sort()).toEqual(["processed", "rejected"]);
  });

  it("keeps an unsigned body of 400 KB in the bucket, with every byte, and sends nothing back to the queue", async () => {
    const body = randomBytes(400_000);
    const headers = { "content-type": "application/json" };
    const answer = await fetch(pipeline.endpoints.github ?? "", { method: "POST", headers, body });
    const { id } = (await answer.json()) as { id: string };
    const item = await eventually("the rejected webhook", async () => {
      const items = await pipeline.history();
      return items.find(({ requestId, status }) => requestId === id && status === "rejected");
    });

    await eventually("an empty queue", () => Object.values(pipeline.queues.counts()).every(isEmpty));
    expect(pipeline.queues.deadLetters()).toEqual([]);
    expect(item.payload).toBeUndefined();
    expect((await pipeline.payloadOf(item))?.body.equals(body)).toBe(true);
  });

  it("brings what cannot be processed to the dead-letter queue after three deliveries, and tells people", async () => {
    const fromSomebodyElse = encodeEnvelope(envelopeOf({ source: "nobody" }));
    await sendToQueue(pipeline, fromSomebodyElse);

    await eventually("the dead letter", () => pipeline.queues.deadLetters().length === 1, 20_000);
    expect(pipeline.queues.deadLetters()[0]).toMatchObject({ body: fromSomebodyElse, receiveCount: 3 });
    const told = await eventually("the alarm's message", () =>
      pipeline.inbox.find(({ subject }) => subject?.startsWith('ALARM: "webhooks-dead-letters-')),
    );
    expect(told.publisher).toBe("cloudwatch.amazonaws.com");
    expect(pipeline.alarms.actions.filter(({ failure }) => failure !== undefined)).toEqual([]);
  });

  it("keeps a message that cannot be read in the history, and tells people", async () => {
    await sendToQueue(pipeline, "no envelope");

    await eventually("the unreadable message", async () =>
      (await pipeline.history()).find(({ status }) => status === "unreadable"),
    );
    await eventually("the alarm's message", () =>
      pipeline.inbox.find(({ subject }) => subject?.startsWith('ALARM: "webhooks-unreadable-messages-')),
    );
  });

  it("was allowed all it did, and used every permission of its roles but those for replays, outages and emulators", () => {
    const used = (name: string) =>
      unusedActions(pipeline.graph, roleArn(pipeline.graph, name), pipeline.calls);
    expect(pipeline.calls.filter(({ allowed }) => !allowed)).toEqual([]);
    expect(pipeline.problems).toEqual([]);
    expect(used("webhooks-api-role")).toEqual([]);
    // The function reads an item where a refused write did not send it along, which DynamoDB always does, and what it
    // keeps where a replay cannot prove itself. It sends messages again while a target is left alone, see breaker.test.ts.
    const unused = ["dynamodb:GetItem", "s3:GetObject", "sqs:SendMessage"];
    expect(used("webhooks-processor-role").toSorted()).toEqual(unused);
  });

  it("feeds the alarms with metrics that exist", async () => {
    await eventually("the function's own metrics", () =>
      pipeline.metrics
        .seen()
        .some(({ namespace, name }) => namespace === "WebhookPipeline" && name === "Failed"),
    );
    // No target is left alone here, which breaker.test.ts has; nothing is invalid, and each webhook has its turn.
    const unseen = /target-left-alone|invalid-webhooks|untried-webhooks/;
    const unknown = pipeline.alarms.unknownMetrics();
    expect(unknown.filter(({ alarm }) => !unseen.test(alarm))).toEqual([]);
  });

  it("lists what it consists of to AWS's SDKs", async () => {
    const { graph, aws } = pipeline;
    const access = { endpoint: aws.endpoint, region: aws.region, credentials: aws.key };
    const namesOf = (type: string) =>
      resourcesOfType(graph, type)
        .map(({ state }) => String(state.name))
        .toSorted();
    const [sqs, sns, secrets] = [
      new SQSClient(access),
      new SNSClient(access),
      new SecretsManagerClient(access),
    ];
    const [cloudWatch, logs] = [new CloudWatchClient(access), new CloudWatchLogsClient(access)];
    const lambda = new LambdaClient(access);
    const last = (text = "") => text.slice(Math.max(text.lastIndexOf(":"), text.lastIndexOf("/")) + 1);
    const shown = {
      queues: (await sqs.send(new ListQueuesCommand({}))).QueueUrls?.map(last),
      topics: (await sns.send(new ListTopicsCommand({}))).Topics?.map(({ TopicArn }) => last(TopicArn)),
      secrets: (await secrets.send(new ListSecretsCommand({}))).SecretList?.map(({ Name }) => Name),
      alarms: (await cloudWatch.send(new DescribeAlarmsCommand({ MaxRecords: 100 }))).MetricAlarms?.map(
        ({ AlarmName }) => AlarmName,
      ),
      logGroups: (await logs.send(new DescribeLogGroupsCommand({}))).logGroups?.map(
        ({ logGroupName }) => logGroupName,
      ),
      functions: (await lambda.send(new ListFunctionsCommand({}))).Functions?.map(
        ({ FunctionName }) => FunctionName,
      ),
      mappings: (await lambda.send(new ListEventSourceMappingsCommand({}))).EventSourceMappings?.map(
        ({ EventSourceArn, FunctionArn }) => [last(EventSourceArn), last(FunctionArn)],
      ),
    };
    for (const client of [sqs, sns, secrets, cloudWatch, logs, lambda]) client.destroy();
    const [work] = namesOf("aws:sqs/queue:Queue").filter((name) => name.includes("webhooks-queue"));
    const functions = namesOf("aws:lambda/function:Function");
    expect({ ...shown, queues: shown.queues?.toSorted(), secrets: shown.secrets?.toSorted() }).toEqual({
      queues: namesOf("aws:sqs/queue:Queue"),
      topics: namesOf("aws:sns/topic:Topic"),
      secrets: namesOf("aws:secretsmanager/secret:Secret"),
      alarms: namesOf("aws:cloudwatch/metricAlarm:MetricAlarm"),
      logGroups: namesOf("aws:cloudwatch/logGroup:LogGroup"),
      functions,
      mappings: [[work, functions[0]]],
    });
  });

  it("keeps what its functions and its API wrote, for a user who may read it", async () => {
    const [group] = resourcesOfType(pipeline.graph, "aws:cloudwatch/logGroup:LogGroup").filter(({ name }) =>
      name.includes("processor"),
    );
    const policy = {
      Statement: [{ Effect: "Allow", Action: "logs:FilterLogEvents", Resource: `${group?.state.arn}:*` }],
    };
    const { endpoint, region } = pipeline.aws;
    const logs = new CloudWatchLogsClient({ endpoint, region, credentials: pipeline.addUser("ann", policy) });
    const found = async (logGroupName: unknown, filterPattern: string) =>
      (await logs.send(new FilterLogEventsCommand({ logGroupName: String(logGroupName), filterPattern })))
        .events;
    expect(
      await found(group?.state.name, '{ $.message = "webhook processed" && $.source = "github" }'),
    ).not.toEqual([]);
    const [accessLog] = resourcesOfType(pipeline.graph, "aws:cloudwatch/logGroup:LogGroup").filter(
      ({ name }) => name.includes("access-log"),
    );
    await expect(found(accessLog?.state.name, "")).rejects.toMatchObject({ name: "AccessDeniedException" });
    logs.destroy();
  });

  it("lets webhooks wait while its mapping is switched off, and works them off afterwards", async () => {
    const { endpoint, region, key: credentials } = pipeline.aws;
    const lambda = new LambdaClient({ endpoint, region, credentials });
    const [mapping] = resourcesOfType(pipeline.graph, "aws:lambda/eventSourceMapping:EventSourceMapping");
    const UUID = String(mapping?.id);
    const switchTo = async (Enabled: boolean, state: string) => {
      await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
      await eventually(state, async () => {
        const { State } = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
        return State === state;
      });
    };
    await switchTo(false, "Disabled");
    expect(await post(pipeline, "while-paused")).toBe(200);
    const waiting = () =>
      Object.entries(pipeline.queues.counts()).find(([name]) => name.includes("queue"))?.[1];
    expect(waiting()).toMatchObject({ visible: 1, notVisible: 0 });
    await switchTo(true, "Enabled");
    await eventually("the webhook that waited", async () =>
      (await pipeline.history()).some(
        ({ webhookId, status }) => webhookId === "github/while-paused" && status === "processed",
      ),
    );
    lambda.destroy();
  });

  it("lets a secret be set by its source", () => {
    expect(() => pipeline.secrets.set("nobody", "x")).toThrow('source "nobody" has no secret');
    pipeline.secrets.set("github", "a new secret");
    expect(pipeline.secrets.values.github).toBe("a new secret");
  });
});

describe("the same program with a customer key", () => {
  it("has the permissions on the key that it needs", async () => {
    const pipeline = await startPipeline({
      stack: "dev",
      overrides: { "webhook-pipeline:encryption": "customer-key" },
    });
    try {
      expect(await post(pipeline, "encrypted")).toBe(200);
      expect((await ended(pipeline, 1)).map(({ status }) => status)).toEqual(["processed"]);
      const actions = pipeline.calls.map(({ action, allowed }) => `${action} ${allowed}`);
      expect(actions).toEqual(expect.arrayContaining(["kms:GenerateDataKey true", "kms:Decrypt true"]));
      expect(actions.filter((each) => each.endsWith("false"))).toEqual([]);
    } finally {
      await pipeline.stop();
    }
  });
});

describe("starting and stopping", () => {
  it("leaves no port and no folder behind", async () => {
    // A folder of its own: other tests start pipelines at the same time.
    const temporary = mkdtempSync(join(tmpdir(), "webhook-test-"));
    vi.stubEnv("TMPDIR", temporary);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(temporary, { recursive: true });
    });
    const pipeline = await startPipeline({ stack: "dev" });
    expect(readdirSync(temporary)).not.toEqual([]);
    await pipeline.stop();
    expect(readdirSync(temporary)).toEqual([]);
    await expect(fetch(pipeline.url)).rejects.toThrow();
    await expect(fetch(pipeline.aws.endpoint)).rejects.toThrow();
  });

  it("names a stage that is not there", async () => {
    await expect(startPipeline({ stack: "nowhere" })).rejects.toThrow('no stage "nowhere"');
  });

  it("names a port that is taken, and stops what it had started", async () => {
    const pipeline = await startPipeline({ stack: "dev" });
    try {
      const port = Number(new URL(pipeline.url).port);
      await expect(startPipeline({ stack: "dev", port })).rejects.toThrow(String(port));
    } finally {
      await pipeline.stop();
    }
  });
});

function isEmpty({ visible, notVisible, delayed }: { visible: number; notVisible: number; delayed: number }) {
  return visible + notVisible + delayed === 0;
}
