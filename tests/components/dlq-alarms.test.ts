import { describe, expect, it } from "vitest";
import { DlqAlarms, type DlqAlarmsArgs, type WatchedLane } from "../../components/dlq-alarms.js";
import { alarmArgs } from "../support/default-args.js";
import { policyIn, registered, untagged } from "../support/registered.js";

const alarmType = "aws:cloudwatch/metricAlarm:MetricAlarm";
const topicType = "aws:sns/topic:Topic";

function lane(name: string, queue: string, deadLetterQueue: string, processor: string): WatchedLane {
  return {
    name,
    queue: { name: queue },
    deadLetterQueue: { name: deadLetterQueue },
    processor: { name: processor },
    hasBreaker: true,
  };
}

function alarms(args: Partial<DlqAlarmsArgs> = {}): DlqAlarms {
  return new DlqAlarms("events", {
    ...alarmArgs,
    lanes: [lane("events", "main", "dead", "worker")],
    api: { name: "door", stageName: "v1" },
    topicKeyArn: "arn:aws:kms:::key/topic",
    ...args,
  });
}

/**
 * The metrics AWS and our function really emit, with all their dimensions. A misspelt name or dimension makes an alarm
 * that stays silent for ever, so every alarm must be among these.
 * AWS/SQS: docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 * AWS/Lambda: docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 * AWS/ApiGateway: docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html, and
 * http-api-metrics.html for those in lower case
 */
const emitted = new Set([
  "AWS/SQS ApproximateNumberOfMessagesVisible QueueName Maximum",
  "AWS/SQS ApproximateAgeOfOldestMessage QueueName Maximum",
  "AWS/Lambda Errors FunctionName Sum",
  "AWS/Lambda Throttles FunctionName Sum",
  "AWS/ApiGateway 5XXError ApiName,Stage Sum",
  "AWS/ApiGateway 4XXError ApiName,Stage Sum",
  "AWS/ApiGateway 5xx ApiId Sum",
  "AWS/ApiGateway 4xx ApiId Sum",
  "WebhookPipeline Failed FunctionName Sum",
  "WebhookPipeline BreakerOpened FunctionName Sum",
  "WebhookPipeline Rejected FunctionName Sum",
  "WebhookPipeline Unreadable FunctionName Sum",
]);

describe("DlqAlarms", () => {
  it("goes off with the first webhook in the dead-letter queue", async () => {
    const { one } = await registered(() => alarms());

    expect(one(alarmType, "events-dead-letters").inputs).toMatchObject({
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: "dead" },
      statistic: "Maximum",
      threshold: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      period: 60,
      evaluationPeriods: 1,
    });
  });

  it("watches waiting, errors, throttles, failures, targets left alone, rejections, unreadable messages and the API's own answers", async () => {
    const { all } = await registered(() => alarms());

    expect(all(alarmType).map(({ name, inputs }) => [name, inputs.dimensions, inputs.threshold])).toEqual([
      ["events-dead-letters", { QueueName: "dead" }, 1],
      ["events-oldest-message", { QueueName: "main" }, 900],
      ["events-function-errors", { FunctionName: "worker" }, 1],
      ["events-function-throttles", { FunctionName: "worker" }, 1],
      ["events-failed-attempts", { FunctionName: "worker" }, 10],
      ["events-target-left-alone", { FunctionName: "worker" }, 1],
      ["events-unreadable-messages", { FunctionName: "worker" }, 1],
      ["events-rejected-webhooks", { FunctionName: "worker" }, 10],
      ["events-api-server-errors", { ApiName: "door", Stage: "v1" }, 1],
      ["events-api-client-errors", { ApiName: "door", Stage: "v1" }, 100],
    ]);
  });

  it("watches each lane's queues and function, and the API once", async () => {
    const { all } = await registered(() =>
      alarms({
        lanes: [
          lane("events", "main", "dead", "worker"),
          lane("events-crm", "crm", "crm-dead", "crm-worker"),
        ],
      }),
    );

    const names = all(alarmType).map(({ name }) => name);
    expect(names).toHaveLength(18);
    expect(names.filter((name) => name.startsWith("events-crm-"))).toHaveLength(8);
    expect(names.filter((name) => name.includes("-api-"))).toHaveLength(2);
  });

  it("watches for targets left alone only where there is a breaker", async () => {
    const { all } = await registered(() =>
      alarms({ lanes: [{ ...lane("events", "main", "dead", "worker"), hasBreaker: false }] }),
    );

    expect(all(alarmType).map(({ name }) => name)).not.toContain("events-target-left-alone");
  });

  it("watches an HTTP API under its own names", async () => {
    const { one } = await registered(() => alarms({ api: { kind: "http", id: "a1b2" } }));

    expect(one(alarmType, "events-api-server-errors").inputs).toMatchObject({
      namespace: "AWS/ApiGateway",
      metricName: "5xx",
      dimensions: { ApiId: "a1b2" },
      threshold: 1,
    });
    expect(one(alarmType, "events-api-client-errors").inputs).toMatchObject({
      metricName: "4xx",
      dimensions: { ApiId: "a1b2" },
      threshold: 100,
    });
  });

  it.each([
    { name: "door", stageName: "v1" },
    { kind: "http", id: "a1b2" },
  ] as const)(
    "watches only metrics that exist, with exactly their dimensions and the statistic that fits (%j)",
    async (api) => {
      const { all } = await registered(() => alarms({ api }));

      const watched = all(alarmType).map(({ inputs }) => {
        const dimensions = Object.keys(inputs.dimensions as object).sort();
        return `${inputs.namespace} ${inputs.metricName} ${dimensions.join()} ${inputs.statistic}`;
      });
      expect(watched.filter((metric) => !emitted.has(metric))).toEqual([]);
    },
  );

  it("stays calm without data, tells the topic of trouble and of its end", async () => {
    const { all, one } = await registered(() => alarms());

    const topic = one(topicType).state.arn;
    for (const { inputs } of all(alarmType)) {
      expect(inputs).toMatchObject({
        treatMissingData: "notBreaching",
        alarmActions: [topic],
        okActions: [topic],
      });
    }
  });

  it("goes off at the thresholds that it is given", async () => {
    const thresholds = { ...alarmArgs.thresholds, deadLetters: 5 };
    const { one } = await registered(() => alarms({ thresholds }));

    expect(one(alarmType, "events-dead-letters").inputs.threshold).toBe(5);
    expect(one(alarmType, "events-oldest-message").inputs.threshold).toBe(900);
  });

  it("names the runbook in every alarm", async () => {
    const { all } = await registered(() => alarms({ runbookUrl: "https://wiki/webhooks" }));

    for (const { inputs } of all(alarmType)) {
      expect(inputs.alarmDescription).toMatch(/ Runbook: https:\/\/wiki\/webhooks$/);
    }
  });

  it("encrypts the topic with the given key and lets only this account's alarms publish", async () => {
    const { one } = await registered(() => alarms());

    expect(one(topicType).inputs.kmsMasterKeyId).toBe("arn:aws:kms:::key/topic");
    const { Statement } = policyIn(one("aws:sns/topicPolicy:TopicPolicy"));
    expect(Statement.filter(({ Effect }) => Effect === "Allow")).toEqual([
      {
        Sid: "PublishAlarms",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: one(topicType).state.arn,
        Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
      },
    ]);
  });

  it("refuses whatever would be published without TLS", async () => {
    const { one } = await registered(() => alarms());

    const { Statement } = policyIn(one("aws:sns/topicPolicy:TopicPolicy"));
    expect(Statement.filter(({ Effect }) => Effect === "Deny")).toEqual([
      {
        Sid: "DenyWithoutTls",
        Effect: "Deny",
        Principal: "*",
        Action: "sns:Publish",
        Resource: one(topicType).state.arn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  it("subscribes every address and endpoint", async () => {
    const { all } = await registered(() =>
      alarms({ email: ["a@b.example"], https: ["https://pager.example/x"] }),
    );

    expect(
      all("aws:sns/topicSubscription:TopicSubscription").map(({ inputs }) => [
        inputs.protocol,
        inputs.endpoint,
      ]),
    ).toEqual([
      ["email", "a@b.example"],
      ["https", "https://pager.example/x"],
    ]);
  });

  it("names no endpoint in a resource's name, and finds again what the last release called by it", async () => {
    const https = ["https://events.pager.example/integration/0123456789abcdef/enqueue"];
    const [plain, secret] = [
      await registered(() => alarms({ https })),
      await registered(() => alarms({ https, areSecret: true })),
    ].map(({ one }) => one("aws:sns/topicSubscription:TopicSubscription"));

    expect(plain?.name).toMatch(/^events-alarms-https-[0-9a-f]{8}$/);
    expect(plain?.aliases).toEqual([expect.stringMatching(/::events-alarms-https-https:\/\/events\.pager/)]);
    expect(secret?.name).toBe(plain?.name);
    expect(secret?.aliases).toEqual([]);
  });

  it("tags every taggable child and parents all to itself", async () => {
    const tags = { team: "payments" };
    const { resources, one } = await registered(() => alarms({ tags }));

    expect(untagged(resources, tags)).toEqual([]);
    const { urn } = one("webhooks:index:DlqAlarms");
    expect(resources.filter(({ custom }) => custom).every(({ parent }) => parent === urn)).toBe(true);
  });
});
