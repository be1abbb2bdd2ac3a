import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as aws from "@pulumi/aws";
import type { GraphResource } from "local-aws";
import { describe, expect, it } from "vitest";
import { violationsOf } from "../../local/policies.js";
import { rules } from "../../policies/rules.mjs";
import { root } from "../support/imports.js";
import { registered } from "../support/registered.js";
import { stageGraph } from "../support/stage-graphs.js";

/** What a small stage breaks of one policy: the resource's name and the problem. */
async function broken(rule: string, build: () => void): Promise<string[]> {
  const { resources } = await registered(() => {
    build();
    return {};
  });
  return violationsOf({ resources: resources as GraphResource[] } as never)
    .filter((violation) => violation.rule === rule)
    .map(({ resource, problem }) => `${resource.name}: ${problem}`);
}

const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

interface Case {
  readonly rule: string;
  readonly breaks: string;
  readonly stage: () => void;
  /** Begin of what is said. */
  readonly said: readonly string[];
  /** The nearest stage that keeps the rule. */
  readonly kept: () => void;
}

function deadLetters(name: string, messageRetentionSeconds: number, allows = true) {
  const queue = new aws.sqs.Queue(`${name}-dlq`, { messageRetentionSeconds });
  if (allows)
    new aws.sqs.RedriveAllowPolicy(`${name}-sources`, { queueUrl: queue.url, redriveAllowPolicy: "{}" });
  return queue.arn.apply((deadLetterTargetArn) =>
    JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 5 }),
  );
}

function publicBucket(settings: Partial<aws.s3.BucketPublicAccessBlockArgs>) {
  const bucket = new aws.s3.Bucket("overflow", {});
  new aws.s3.BucketPublicAccessBlock("block", {
    bucket: bucket.bucket,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
    ...settings,
  });
}

function rolePolicy(statement: object) {
  new aws.iam.RolePolicy("role-policy", {
    role: "role",
    policy: document({ Sid: "Own", Effect: "Allow", ...statement }),
  });
}

function alarm(args: Partial<aws.cloudwatch.MetricAlarmArgs>) {
  return new aws.cloudwatch.MetricAlarm("errors", {
    comparisonOperator: "GreaterThanThreshold",
    evaluationPeriods: 1,
    namespace: "AWS/Lambda",
    metricName: "Errors",
    treatMissingData: "notBreaching",
    alarmActions: ["arn:aws:sns:eu-west-1:123456789012:people"],
    ...args,
  });
}

function functionWith(args: Partial<aws.lambda.FunctionArgs>) {
  new aws.lambda.Function("processor", {
    role: "arn:aws:iam::123456789012:role/r",
    runtime: "nodejs24.x",
    ...args,
  });
}

const cases: readonly Case[] = [
  {
    rule: "queues-are-encrypted",
    breaks: "a queue without encryption",
    stage: () => new aws.sqs.Queue("orders", { sqsManagedSseEnabled: false }),
    said: ["orders: the queue is not encrypted"],
    kept: () => new aws.sqs.Queue("orders", { kmsMasterKeyId: "alias/aws/sqs" }),
  },
  {
    rule: "queues-have-dead-letters",
    breaks: "a queue without a dead-letter queue",
    stage: () => new aws.sqs.Queue("orders", {}),
    said: ["orders: the queue has no dead-letter queue"],
    kept: () => new aws.sqs.Queue("orders", { redrivePolicy: deadLetters("orders", 1_209_600) }),
  },
  {
    rule: "queues-have-dead-letters",
    breaks: "a dead-letter queue that deletes as soon as the queue does",
    stage: () =>
      new aws.sqs.Queue("orders", {
        messageRetentionSeconds: 1_209_600,
        redrivePolicy: deadLetters("orders", 1_209_600),
      }),
    said: [
      "orders: its dead-letter queue orders-dlq keeps messages for 1209600 seconds, and the queue itself for 1209600",
    ],
    kept: () =>
      new aws.sqs.Queue("orders", {
        messageRetentionSeconds: 1_209_599,
        redrivePolicy: deadLetters("orders", 1_209_600),
      }),
  },
  {
    rule: "queues-have-dead-letters",
    breaks: "a dead-letter queue for everybody",
    stage: () => new aws.sqs.Queue("orders", { redrivePolicy: deadLetters("orders", 1_209_600, false) }),
    said: ["orders: its dead-letter queue orders-dlq takes messages from any queue"],
    kept: () => new aws.sqs.Queue("orders", { redrivePolicy: deadLetters("orders", 1_209_600) }),
  },
  {
    rule: "tls-only",
    breaks: "a queue whose policy denies something else",
    stage() {
      const queue = new aws.sqs.Queue("orders", {});
      new aws.sqs.QueuePolicy("orders-policy", {
        queueUrl: queue.url,
        policy: document({ Effect: "Deny", Principal: "*", Action: "sqs:*", Resource: "*" }),
      });
    },
    said: ["orders: requests without TLS are not refused: add a QueuePolicy"],
    kept() {
      const queue = new aws.sqs.Queue("orders", {});
      new aws.sqs.QueuePolicy("orders-policy", {
        queueUrl: queue.url,
        policy: document({
          Effect: "Deny",
          Principal: { AWS: "*" },
          Action: "sqs:*",
          Resource: "*",
          Condition: { Bool: { "aws:SecureTransport": false } },
        }),
      });
    },
  },
  {
    rule: "tls-only",
    breaks: "a queue beside one whose policy is right",
    stage() {
      new aws.sqs.Queue("order", {});
      const queue = new aws.sqs.Queue("order-lines", {});
      new aws.sqs.QueuePolicy("policy", {
        queueUrl: queue.url,
        policy: document({
          Effect: "Deny",
          Principal: "*",
          Action: "sqs:*",
          Resource: "*",
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        }),
      });
    },
    said: ["order: requests without TLS are not refused"],
    kept: () => {},
  },
  {
    rule: "webhooks-are-protected",
    breaks: "a stage that protects its queue and forgets its table",
    stage() {
      new aws.sqs.Queue("orders", {}, { protect: true });
      new aws.dynamodb.Table("history", {});
    },
    said: ["history: the stage protects what holds webhooks, and this is not protected"],
    kept() {
      new aws.sqs.Queue("orders", {});
      new aws.dynamodb.Table("history", {});
    },
  },
  {
    rule: "no-wildcards",
    breaks: "a role that may do everything with one queue",
    stage: () => rolePolicy({ Action: "sqs:*", Resource: "arn:aws:sqs:eu-west-1:123456789012:orders" }),
    said: ["role-policy: the statement Own allows sqs:*"],
    kept: () =>
      rolePolicy({ Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-west-1:123456789012:orders" }),
  },
  {
    rule: "no-wildcards",
    breaks: "a role that may send to every queue",
    stage: () => rolePolicy({ Action: ["sqs:SendMessage", "xray:PutTraceSegments"], Resource: "*" }),
    said: ["role-policy: the statement Own allows sqs:SendMessage on every resource"],
    kept: () => rolePolicy({ Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource: "*" }),
  },
  {
    rule: "no-wildcards",
    breaks: "a role that may do all but one thing",
    stage: () =>
      rolePolicy({ NotAction: "sqs:DeleteQueue", Resource: "arn:aws:sqs:eu-west-1:123456789012:orders" }),
    said: ["role-policy: the statement Own allows *"],
    kept: () => rolePolicy({ Effect: "Deny", NotAction: "sqs:SendMessage", Resource: "*" }),
  },
  {
    rule: "nothing-public",
    breaks: "a topic to which everybody may publish",
    stage: () =>
      new aws.sns.TopicPolicy("people-policy", {
        arn: "arn:aws:sns:eu-west-1:123456789012:people",
        policy: document({
          Sid: "All",
          Effect: "Allow",
          Principal: { AWS: "*" },
          Action: "sns:Publish",
          Resource: "*",
        }),
      }),
    said: ["people-policy: the statement All allows everybody"],
    kept: () =>
      new aws.sns.TopicPolicy("people-policy", {
        arn: "arn:aws:sns:eu-west-1:123456789012:people",
        policy: document({
          Effect: "Allow",
          Principal: "*",
          Action: "sns:Publish",
          Resource: "*",
          Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
        }),
      }),
  },
  {
    rule: "nothing-public",
    breaks: "a bucket that takes public policies",
    stage: () => publicBucket({ blockPublicPolicy: false }),
    said: ["overflow: public access is not blocked"],
    kept: () => publicBucket({}),
  },
  {
    rule: "nothing-public",
    breaks: "a function with a door of its own",
    stage: () => new aws.lambda.FunctionUrl("door", { functionName: "processor", authorizationType: "NONE" }),
    said: ["door: the function has a public URL beside the front door"],
    kept: () =>
      new aws.lambda.FunctionUrl("door", { functionName: "processor", authorizationType: "AWS_IAM" }),
  },
  {
    rule: "logs-end",
    breaks: "a log group without an end",
    stage: () => new aws.cloudwatch.LogGroup("log", {}),
    said: ["log: the log group keeps its lines forever"],
    kept: () => new aws.cloudwatch.LogGroup("log", { retentionInDays: 1 }),
  },
  {
    rule: "alarms-tell",
    breaks: "an alarm without an action",
    stage: () => alarm({ alarmActions: [] }),
    said: ["errors: the alarm tells nobody"],
    kept() {
      const part = alarm({ alarmActions: [] });
      new aws.cloudwatch.CompositeAlarm("at-risk", {
        alarmName: "at-risk",
        alarmRule: part.arn.apply((arn) => `ALARM("${arn}")`),
        alarmActions: ["arn:aws:sns:eu-west-1:123456789012:people"],
      });
    },
  },
  {
    rule: "alarms-tell",
    breaks: "an alarm that takes missing data for nothing",
    stage: () => alarm({ treatMissingData: "missing" }),
    said: ["errors: the alarm does not say what missing data mean"],
    kept: () => alarm({ treatMissingData: "breaching" }),
  },
  {
    rule: "functions-are-supported",
    breaks: "a function on a Node.js without updates",
    stage: () => functionWith({ runtime: "nodejs18.x" }),
    said: ["processor: the function runs on nodejs18.x"],
    kept: () => functionWith({ runtime: "nodejs22.x" }),
  },
  {
    rule: "no-secrets-in-environments",
    breaks: "a variable whose name or value is a secret's",
    stage: () =>
      functionWith({
        environment: {
          variables: { GITHUB_WEBHOOK_SECRET: "s3cr3t", PARTNER: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
        },
      }),
    said: [
      "processor: the variable GITHUB_WEBHOOK_SECRET holds a secret",
      "processor: the variable PARTNER holds a secret",
    ],
    kept: () =>
      functionWith({
        environment: {
          variables: { SECRET_NAMES: "github,stripe", GITHUB_SECRET_ARN: "arn:aws:secretsmanager:x" },
        },
      }),
  },
  {
    rule: "resources-are-tagged",
    breaks: "a queue that was forgotten",
    stage() {
      new aws.sns.Topic("people", { tags: { team: "payments" } });
      new aws.sqs.Queue("orders", {});
    },
    said: ["orders: others of the stage have tags, and this has none"],
    kept() {
      new aws.sns.Topic("people", {});
      new aws.sqs.Queue("orders", {});
    },
  },
];

describe("the policy", () => {
  it.each(cases)(
    "$rule is broken by $breaks, and not by its neighbour",
    async ({ rule, stage, said, kept }) => {
      const problems = await broken(rule, stage);
      expect(problems).toHaveLength(said.length);
      for (const [index, begin] of said.entries()) expect(problems[index]).toContain(begin);
      expect(await broken(rule, kept)).toEqual([]);
    },
  );

  it.each(rules)("$name is described in docs/deploying/policies.md", ({ name, description }) => {
    expect(readFileSync(join(root, "docs/deploying/policies.md"), "utf8")).toContain(
      `| \`${name}\` | ${description} |`,
    );
  });

  it.each(rules)("$name has a stage that breaks it", ({ name }) => {
    expect(cases.map(({ rule }) => rule)).toContain(name);
  });
});

describe("this program", () => {
  it.each(["dev", "prod"])("keeps every policy in %s", async (stack) => {
    expect(violationsOf(await stageGraph(stack))).toEqual([]);
  });

  it.each(["dedicated", "fifo", "http", "rest-everything", "targets", "vpc"])(
    "keeps every policy with the settings of the fixture %s",
    async (fixture) => {
      expect(violationsOf(await stageGraph(fixture, `tests/fixtures/Pulumi.${fixture}.yaml`))).toEqual([]);
    },
  );
});
