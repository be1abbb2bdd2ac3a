import { describe, expect, it } from "vitest";
import { type AlarmKind, alarmKinds, descriptionOf } from "../../components/alarms/kinds.js";
import { partsOf } from "../../components/alarms/parts.js";
import { DlqAlarms, type DlqAlarmsArgs, type WatchedLane } from "../../components/dlq-alarms.js";
import { alarmArgs } from "../support/default-args.js";
import { emittedMetrics } from "../support/emitted-metrics.js";
import { policyIn, registered, untagged } from "../support/registered.js";

const alarmType = "aws:cloudwatch/metricAlarm:MetricAlarm";
const compositeType = "aws:cloudwatch/compositeAlarm:CompositeAlarm";
const topicType = "aws:sns/topic:Topic";

const page = { email: ["on-call@b.example"], https: [], topicArns: [], slack: [], teams: [] };
const quiet = { name: "shop", key: "shop", expectEveryMinutes: 15, processor: { name: "worker" } };
const canary = { source: "canary", everyMinutes: 5, processor: { name: "worker" } };

/** Each metric that an alarm reads, as `emittedMetrics` has it. */
function watchedBy(inputs: Record<string, unknown>): string[] {
  const queries = inputs.metricQueries as { metric?: Record<string, unknown> }[] | undefined;
  const metrics = queries?.flatMap(({ metric }) => (metric === undefined ? [] : [metric]));
  return (metrics ?? [inputs]).map((metric) => {
    const dimensions = Object.keys(metric.dimensions as object).sort();
    const statistic = metric.stat ?? metric.statistic ?? metric.extendedStatistic;
    return `${metric.namespace} ${metric.metricName} ${dimensions.join()} ${statistic}`;
  });
}

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

  it("watches the queue, the function, what becomes of webhooks, the API, the history and the alarms' own way", async () => {
    const { all } = await registered(() => alarms());

    const watched = all(alarmType).map(({ name, inputs }) => [name, inputs.threshold]);
    expect(Object.fromEntries(watched)).toEqual({
      "events-dead-letters": 1,
      "events-stalled": 1,
      "events-oldest-message": 900,
      "events-function-errors": 1,
      "events-function-throttles": 1,
      "events-failed-attempts": 1,
      "events-target-left-alone": 1,
      "events-function-duration": 24_000,
      "events-function-concurrency": 20,
      "events-in-flight": 96_000,
      "events-rejected-webhooks": 1,
      "events-invalid-webhooks": 1,
      "events-unreadable-messages": 1,
      "events-untried-webhooks": 10,
      "events-api-server-error-rate": 0.05,
      "events-api-server-errors": 1,
      "events-api-client-errors": 5,
      "events-history-throttled": 1,
      "events-history-throttled-by-source": 1,
      "events-history-throttled-by-attention": 1,
      "events-alarms-undelivered": 1,
    });
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
    expect(names).toHaveLength(35);
    expect(names.filter((name) => name.startsWith("events-crm-"))).toHaveLength(14);
    expect(names.filter((name) => name.includes("-api-"))).toHaveLength(3);
  });

  it("watches of a subscriber's lane only what no other alarm would tell, as a stage may have many", async () => {
    const { all } = await registered(() =>
      alarms({ lanes: [{ ...lane("events_to_crm", "crm", "crm-dead", "worker"), isForSubscribers: true }] }),
    );

    const kinds = all(alarmType).flatMap(({ name }) => /^events_to_crm-(.*)/.exec(name)?.[1] ?? []);
    expect(kinds.sort()).toEqual([
      "dead-letters",
      "failed-attempts",
      "function-errors",
      "function-throttles",
      "oldest-message",
      "stalled",
      "target-left-alone",
    ]);
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
    expect(one(alarmType, "events-api-client-errors").inputs.metricQueries).toMatchObject([
      { expression: "IF(counted >= 100, 100 * counted / total, 0)" },
      { id: "counted", metric: { metricName: "4xx", dimensions: { ApiId: "a1b2" } } },
      { id: "total", metric: { metricName: "Count", dimensions: { ApiId: "a1b2" } } },
    ]);
  });

  it.each([
    { name: "door", stageName: "v1" },
    { kind: "http", id: "a1b2" },
  ] as const)(
    "watches only metrics that exist, with exactly their dimensions and the statistic that fits (%j)",
    async (api) => {
      const { all } = await registered(() => alarms({ api, expected: [quiet], canary, page }));

      const watched = all(alarmType).flatMap(({ inputs }) => watchedBy(inputs));
      expect(watched.length).toBeGreaterThan(25);
      expect(watched.filter((metric) => !emittedMetrics.has(metric))).toEqual([]);
    },
  );

  it("takes missing data for a breach only where it waits for webhooks", async () => {
    const { all } = await registered(() => alarms({ expected: [quiet], canary }));

    const breached = all(alarmType).filter(({ inputs }) => inputs.treatMissingData !== "notBreaching");
    expect(breached.map(({ name }) => name).sort()).toEqual(["events-canary", "events-silent-source-shop"]);
    expect(new Set(breached.map(({ inputs }) => inputs.treatMissingData))).toEqual(new Set(["breaching"]));
  });

  it("tells one topic of all trouble, and of its end where somebody waits for it", async () => {
    const { all, one } = await registered(() => alarms());

    const topic = one(topicType).state.arn;
    for (const { inputs } of all(alarmType)) expect(inputs.alarmActions).toEqual([topic]);
    const silentAtTheEnd = all(alarmType).filter(({ inputs }) => inputs.okActions === undefined);
    expect(silentAtTheEnd.map(({ name }) => name).sort()).toEqual([
      "events-alarms-undelivered",
      "events-api-client-errors",
      "events-api-server-errors",
      "events-failed-attempts",
      "events-function-errors",
      "events-function-throttles",
      "events-invalid-webhooks",
      "events-rejected-webhooks",
      "events-unreadable-messages",
      "events-untried-webhooks",
    ]);
  });

  it("pages once for all that puts webhooks at risk, and lets the single alarms only notify", async () => {
    const { all, one } = await registered(() => alarms({ page, expected: [quiet], canary }));

    const [told, paged] = ["events-alarms", "events-pages"].map((name) => one(topicType, name).state.arn);
    const paging = all(alarmType).filter(({ inputs }) => (inputs.alarmActions as string[])[0] === paged);
    expect(paging.map(({ name }) => name).sort()).toEqual(["events-canary", "events-silent-source-shop"]);
    const atRisk = one(compositeType).inputs;
    expect(atRisk).toMatchObject({ alarmActions: [paged], okActions: [paged] });
    const names = ["dead-letters", "stalled", "api-server-error-rate"].map(
      (kind) => one(alarmType, `events-${kind}`).state.name,
    );
    expect(atRisk.alarmRule).toBe(names.map((name) => `ALARM("${name}")`).join(" OR "));
    expect(one(alarmType, "events-dead-letters").inputs.alarmActions).toEqual([told]);
  });

  it("names the alarm of all that is at risk as Pulumi would, so that two stacks can have one each", async () => {
    const { one } = await registered(() => alarms({ page }));

    expect(one(compositeType).inputs.alarmName).toMatch(/^events-webhooks-at-risk-[0-9a-f]{7}$/);
  });

  it("splits the alarm of all that is at risk where it has more alarms than AWS takes", () => {
    const parts = partsOf(Array.from({ length: 121 }, (_, index) => index));

    expect(parts.map(({ length }) => length)).toEqual([100, 21]);
    expect(parts.flat()).toEqual(Array.from({ length: 121 }, (_, index) => index));
  });

  it("wakes nobody for webhooks at risk while the team's own alarm says that it deploys", async () => {
    const suppressor = { alarm: "deploying", waitSeconds: 60, extensionSeconds: 180 };
    const { one } = await registered(() => alarms({ page: { ...page, suppressor } }));

    expect(one(compositeType).inputs.actionsSuppressor).toEqual({
      alarm: "deploying",
      waitPeriod: 60,
      extensionPeriod: 180,
    });
  });

  it("tells topics that exist already", async () => {
    const own = "arn:aws:sns:eu-west-1:123456789012:own";
    const pager = "arn:aws:sns:eu-west-1:123456789012:pager";
    const { one } = await registered(() =>
      alarms({
        receivers: { ...alarmArgs.receivers, topicArns: [own] },
        page: { ...page, topicArns: [pager] },
      }),
    );

    expect(one(alarmType, "events-function-errors").inputs.alarmActions).toContain(own);
    expect(one(compositeType).inputs.alarmActions).toContain(pager);
  });

  it("posts in channels of Slack and Teams, each once, from which nothing may be done", async () => {
    const slack = [{ workspaceId: "T0123ABCD", channelId: "C0123ABCD" }];
    const uuid = "01234567-89ab-cdef-0123-456789abcdef";
    const teams = [{ teamId: uuid, tenantId: uuid, channelId: "19:abc@thread.tacv2" }];
    const { one, all } = await registered(() =>
      alarms({ receivers: { ...alarmArgs.receivers, slack, teams }, page: { ...page, slack } }),
    );

    const topics = ["events-alarms", "events-pages"].map((name) => one(topicType, name).state.arn);
    expect(one("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration").inputs).toMatchObject({
      slackTeamId: "T0123ABCD",
      slackChannelId: "C0123ABCD",
      snsTopicArns: topics,
      iamRoleArn: one("aws:iam/role:Role").state.arn,
      guardrailPolicyArns: ["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"],
    });
    expect(one("aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration").inputs).toMatchObject({
      teamId: uuid,
      snsTopicArns: [topics[0]],
    });
    expect(all("aws:iam/rolePolicy:RolePolicy")).toEqual([]);
  });

  it("sends no message that all is well when it is new: only of trouble and of its end", async () => {
    const { one } = await registered(() =>
      alarms({ receivers: { ...alarmArgs.receivers, email: ["a@b.example"] } }),
    );

    const { filterPolicy, filterPolicyScope } = one("aws:sns/topicSubscription:TopicSubscription").inputs;
    expect(filterPolicyScope).toBe("MessageBody");
    expect(JSON.parse(String(filterPolicy))).toEqual({
      $or: [{ NewStateValue: ["ALARM"] }, { OldStateValue: ["ALARM"] }],
    });
  });

  it("waits for a source as long as its setting says, and for three of the canary's webhooks", async () => {
    const { one } = await registered(() => alarms({ expected: [quiet], canary }));

    expect(one(alarmType, "events-silent-source-shop").inputs).toMatchObject({
      metricQueries: [
        { expression: "FILL(arrived, 0)" },
        {
          metric: {
            metricName: "Arrived",
            dimensions: { FunctionName: "worker", Source: "shop" },
            stat: "Sum",
            period: 900,
          },
        },
      ],
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      evaluationPeriods: 1,
    });
    expect(one(alarmType, "events-canary").inputs).toMatchObject({
      metricQueries: [
        {},
        {
          metric: {
            metricName: "Processed",
            dimensions: { FunctionName: "worker", Source: "canary" },
            period: 300,
          },
        },
      ],
      comparisonOperator: "LessThanThreshold",
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
    });
  });

  it("goes off at the thresholds that it is given", async () => {
    const thresholds = { ...alarmArgs.thresholds, deadLetters: 5 };
    const { one } = await registered(() => alarms({ thresholds }));

    expect(one(alarmType, "events-dead-letters").inputs.threshold).toBe(5);
    expect(one(alarmType, "events-oldest-message").inputs.threshold).toBe(900);
  });

  it("says in every alarm what it means, what to do first, and which section of the runbook to read", async () => {
    const { all, one } = await registered(() => alarms({ runbookUrl: "https://wiki/webhooks", page }));

    for (const { name, inputs } of [...all(alarmType), ...all(compositeType)]) {
      const kind = Object.keys(alarmKinds).find((each) => name.includes(`-${each}`));
      expect(inputs.alarmDescription).toMatch(
        new RegExp(
          `\\. First: npm run ops -- [a-z ]+ --stack test\\. Severity: (page|notify)\\. Runbook: https://wiki/webhooks#${kind}$`,
        ),
      );
    }
    expect(one(alarmType, "events-dead-letters").inputs.alarmDescription).toMatch(
      /^Webhooks failed all their deliveries .* Severity: page\./,
    );
  });

  /** docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
  const longest = 1_024;

  it.each(Object.keys(alarmKinds) as AlarmKind[])(
    "keeps the description of %s as short as CloudWatch wants it",
    (kind) => {
      const runbookUrl = `https://wiki.example.com/${"long/".repeat(20)}`;

      expect(descriptionOf(kind, { stack: "production-eu", runbookUrl }).length).toBeLessThanOrEqual(longest);
      expect(descriptionOf(kind, { stack: "dev" })).toContain(` Runbook: docs/runbook.md#${kind}`);
    },
  );

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
      alarms({
        receivers: {
          ...alarmArgs.receivers,
          email: ["a@b.example"],
          https: ["https://pager.example/x"],
        },
      }),
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
      await registered(() => alarms({ receivers: { ...alarmArgs.receivers, https } })),
      await registered(() => alarms({ receivers: { ...alarmArgs.receivers, https }, areSecret: true })),
    ].map(({ one }) => one("aws:sns/topicSubscription:TopicSubscription"));

    expect(plain?.name).toMatch(/^events-alarms-https-[0-9a-f]{8}$/);
    expect(plain?.aliases).toEqual([expect.stringMatching(/::events-alarms-https-https:\/\/events\.pager/)]);
    expect(secret?.name).toBe(plain?.name);
    expect(secret?.aliases).toEqual([]);
  });

  it("tags every taggable child and parents all to itself", async () => {
    const tags = { team: "payments" };
    const { resources, one } = await registered(() => alarms({ tags, page }));

    expect(untagged(resources, tags)).toEqual([]);
    const { urn } = one("webhooks:index:DlqAlarms");
    expect(resources.filter(({ custom }) => custom).every(({ parent }) => parent === urn)).toBe(true);
  });
});
