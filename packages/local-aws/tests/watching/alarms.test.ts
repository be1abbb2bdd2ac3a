import { afterEach, describe, expect, it } from "vitest";
import type { GraphResource } from "../../program/graph.js";
import { type Cloud, startCloud } from "../../services/cloud.js";
import { Alarms, longestAlarmSeconds } from "../../watching/alarms.js";
import { MetricStore } from "../../watching/metrics.js";
import { arnOf, graphOf, policyOf, queue, resource, type TestStatement } from "../support/graphs.js";

let cloud: Cloud | undefined;
let store: MetricStore;
afterEach(async () => {
  await cloud?.close();
  cloud = undefined;
});

const deadLetters = queue("dlq");
const dimensions = { QueueName: "dlq" };
const visible = "ApproximateNumberOfMessagesVisible";
const topic = (inputs = {}) => resource("aws:sns/topic:Topic", "alarms", inputs);
const topicArn = arnOf(topic());

function alarm(inputs: Record<string, unknown> = {}): GraphResource {
  return resource("aws:cloudwatch/metricAlarm:MetricAlarm", "dead-letters", {
    namespace: "AWS/SQS",
    metricName: visible,
    dimensions,
    statistic: "Maximum",
    period: 60,
    evaluationPeriods: 1,
    threshold: 1,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    treatMissingData: "notBreaching",
    alarmActions: [topicArn],
    okActions: [topicArn],
    ...inputs,
  });
}

async function start(...resources: GraphResource[]): Promise<Alarms> {
  cloud = await startCloud(graphOf([deadLetters, ...resources]));
  store = new MetricStore(3_600);
  return new Alarms(cloud, store);
}

/** Lets the queue's depth be seen at a time, and gives the alarm's state then. */
async function stateAt(alarms: Alarms, time: number, depth?: number): Promise<string | undefined> {
  if (depth !== undefined) store.record("AWS/SQS", visible, dimensions, depth, time);
  await alarms.evaluateNow(time);
  return alarms.states()[0]?.state;
}

const start0 = Date.now();
const second = 1_000;

describe("the state of an alarm", () => {
  it("is ALARM within the second, and OK again once the period holds no breach", async () => {
    const alarms = await start(alarm(), topic());
    expect(await stateAt(alarms, start0, 0)).toBe("OK");
    expect(await stateAt(alarms, start0 + second, 1)).toBe("ALARM");
    expect(await stateAt(alarms, start0 + 30 * second, 0)).toBe("ALARM");
    expect(await stateAt(alarms, start0 + 62 * second, 0)).toBe("OK");
  });

  it("takes M of N periods where the program says so", async () => {
    const alarms = await start(alarm({ evaluationPeriods: 3, datapointsToAlarm: 2 }), topic());
    expect(await stateAt(alarms, start0, 5)).toBe("OK");
    expect(await stateAt(alarms, start0 + 60 * second, 0)).toBe("OK");
    expect(await stateAt(alarms, start0 + 120 * second, 5)).toBe("ALARM");
  });

  it.each([
    ["missing", "INSUFFICIENT_DATA"],
    ["notBreaching", "OK"],
    ["breaching", "ALARM"],
    ["ignore", "INSUFFICIENT_DATA"],
  ])("without data, treated as %s, is %s", async (treatMissingData, state) => {
    const alarms = await start(alarm({ treatMissingData }), topic());
    expect(await stateAt(alarms, start0)).toBe(state);
  });

  it.each([
    ["GreaterThanThreshold", 1, "OK"],
    ["GreaterThanThreshold", 2, "ALARM"],
    ["LessThanThreshold", 0, "ALARM"],
    ["LessThanThreshold", 1, "OK"],
    ["LessThanOrEqualToThreshold", 1, "ALARM"],
  ])("compares by %s: %d is %s", async (comparisonOperator, depth, state) => {
    const alarms = await start(alarm({ comparisonOperator }), topic());
    expect(await stateAt(alarms, start0, depth)).toBe(state);
  });
});

describe("an alarm's action", () => {
  const cloudWatch: TestStatement = {
    Principal: { Service: "cloudwatch.amazonaws.com" },
    Action: "sns:Publish",
    Resource: topicArn,
    Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
  };
  const topicPolicy = (...statements: TestStatement[]) =>
    resource("aws:sns/topicPolicy:TopicPolicy", "policy", { arn: topicArn, policy: policyOf(...statements) });
  const customerKey = (...statements: TestStatement[]) =>
    resource("aws:kms/key:Key", "key", {
      policy: policyOf(...statements.map((each) => ({ Resource: "*", ...each }))),
    });
  const keyArn = arnOf(customerKey());

  it("publishes CloudWatch's JSON once for each change of state", async () => {
    const mail = resource("aws:sns/topicSubscription:TopicSubscription", "mail", {
      topic: topicArn,
      protocol: "email",
      endpoint: "ops@example.com",
    });
    const alarms = await start(
      alarm({ alarmDescription: "redrive" }),
      topic(),
      topicPolicy(cloudWatch),
      mail,
    );
    for (const [after, depth] of [
      [0, 0],
      [1, 1],
      [2, 2],
      [70, 0],
    ] as const) {
      await stateAt(alarms, start0 + after * second, depth);
    }
    const inbox = cloud?.sns.inbox ?? [];
    expect(inbox.map(({ subject }) => subject)).toEqual([
      'OK: "dead-letters" in us-east-1',
      'ALARM: "dead-letters" in us-east-1',
      'OK: "dead-letters" in us-east-1',
    ]);
    expect(inbox[1]).toMatchObject({
      publisher: "cloudwatch.amazonaws.com",
      subscribers: ["email ops@example.com"],
    });
    expect(JSON.parse(inbox[1]?.message ?? "")).toMatchObject({
      AlarmName: "dead-letters",
      AlarmDescription: "redrive",
      NewStateValue: "ALARM",
      OldStateValue: "OK",
      NewStateReason: expect.stringMatching(
        /^Threshold Crossed: 1 out of the last 1 datapoints \[1\] were greater/,
      ),
      StateChangeTime: new Date(start0 + second).toISOString().replace("Z", "+0000"),
      Trigger: {
        MetricName: visible,
        Namespace: "AWS/SQS",
        Statistic: "MAXIMUM",
        Dimensions: [{ name: "QueueName", value: "dlq" }],
        Period: 60,
        Threshold: 1,
      },
    });
  });

  /** Fires the alarm and gives the reason for which its action failed. */
  async function failure(...resources: GraphResource[]): Promise<string | undefined> {
    const alarms = await start(alarm(), ...resources);
    await stateAt(alarms, start0, 1);
    expect(alarms.actions).toHaveLength(1);
    expect(cloud?.sns.inbox).toHaveLength(alarms.actions[0]?.failure === undefined ? 1 : 0);
    return alarms.actions[0]?.failure;
  }

  it("fails where the topic's policy leaves CloudWatch out", async () => {
    const onlyTheAccount = { ...cloudWatch, Principal: { AWS: "arn:aws:iam::000000000000:root" } };
    expect(await failure(topic(), topicPolicy(onlyTheAccount))).toContain(
      "is not authorized to perform: sns:Publish",
    );
  });

  it("fails where the topic is encrypted with the key that AWS manages", async () => {
    expect(await failure(topic({ kmsMasterKeyId: "alias/aws/sns" }), topicPolicy(cloudWatch))).toContain(
      "encrypt with a customer key",
    );
  });

  it("fails where the customer key's policy leaves CloudWatch out", async () => {
    const root = { Principal: { AWS: "arn:aws:iam::000000000000:root" }, Action: "kms:*" };
    const encrypted = topic({ kmsMasterKeyId: keyArn });
    expect(await failure(encrypted, topicPolicy(cloudWatch), customerKey(root))).toContain(
      "kms:GenerateDataKey",
    );
  });

  it("succeeds where both policies let CloudWatch in", async () => {
    const forAlarms = { ...cloudWatch, Action: ["kms:Decrypt", "kms:GenerateDataKey*"], Resource: "*" };
    const encrypted = topic({ kmsMasterKeyId: keyArn });
    expect(await failure(encrypted, topicPolicy(cloudWatch), customerKey(forAlarms))).toBeUndefined();
  });

  it("succeeds with the policy that SNS gives a topic by default", async () => {
    expect(await failure(topic())).toBeUndefined();
  });

  it("fails where the topic is not there", async () => {
    expect(await failure()).toBe("Topic does not exist");
  });

  it("is left out where actions are switched off", async () => {
    const alarms = await start(alarm({ actionsEnabled: false }), topic());
    await stateAt(alarms, start0, 1);
    expect(alarms.actions).toEqual([]);
  });
});

describe("an alarm on a metric that does not exist", () => {
  it.each([
    ["a misspelt metric", { metricName: "ApproximateNumberOfVisibleMessages" }, "AWS/SQS has no metric"],
    ["a misspelt namespace", { namespace: "AWS/Sqs" }, "knows no metrics of AWS/Sqs"],
    ["a misspelt dimension", { dimensions: { Queue: "dlq" } }, "comes with the dimensions QueueName"],
    [
      "one dimension too many",
      { dimensions: { QueueName: "dlq", Stage: "v1" } },
      "comes with the dimensions QueueName",
    ],
    [
      "a queue that is not there",
      { dimensions: { QueueName: "dlq-2" } },
      "has no resource with the name dlq-2",
    ],
    [
      "a metric of our own that nobody writes",
      { namespace: "Ours", metricName: "Failed" },
      "nothing has recorded",
    ],
  ])("is found: %s", async (_, inputs, reason) => {
    const alarms = await start(alarm(inputs), topic());
    expect(alarms.unknownMetrics()).toEqual([
      { alarm: "dead-letters", reason: expect.stringContaining(reason) },
    ]);
  });

  it("is not complained of when the metric is AWS's, or was recorded", async () => {
    const alarms = await start(alarm(), topic());
    expect(alarms.unknownMetrics()).toEqual([]);
  });
});

describe("an alarm that cannot be evaluated here", () => {
  it.each([
    [
      "queries of which none is the value",
      { metricQueries: [{ id: "e", expression: "a/b" }] },
      "must have returnData",
    ],
    [
      "an expression on a metric that is not there",
      { metricQueries: mathOn("a / b") },
      "no query has the id b",
    ],
    ["metric math on whole series", { metricQueries: mathOn("SEARCH(a)") }, "function SEARCH is not known"],
    ["an unknown statistic", { statistic: "TM(10:90)" }, "does not know the statistic"],
    ["a period CloudWatch refuses", { period: 45 }, "period must be 10, 20, 30 or a multiple of 60"],
    ["more datapoints than periods", { datapointsToAlarm: 2 }, "is more than evaluationPeriods"],
  ])("is refused by name: %s", async (_, inputs, message) => {
    await expect(start(alarm(inputs), topic())).rejects.toThrow(message);
  });

  it("decides how far back metrics are kept", () => {
    const resources = [alarm({ period: 300, evaluationPeriods: 4 })];
    expect(longestAlarmSeconds(graphOf(resources))).toBe(1_200);
  });
});

/** An expression over one metric, `a`. */
function mathOn(expression: string, name = visible) {
  return [
    { id: "e", expression, returnData: true },
    { id: "a", metric: { namespace: "AWS/SQS", metricName: name, dimensions, stat: "Maximum", period: 60 } },
  ];
}

function mathAlarm(inputs: Record<string, unknown>): GraphResource {
  const { metricName, namespace, dimensions: _, statistic, period, ...rest } = alarm().inputs;
  return resource("aws:cloudwatch/metricAlarm:MetricAlarm", "dead-letters", { ...rest, ...inputs });
}

describe("an alarm on metric math", () => {
  const rate = [
    { id: "rate", expression: "IF(failed >= 10, 100 * failed / total, 0)", returnData: true },
    ...["failed", "total"].map((id) => ({
      id,
      metric: { namespace: "Ours", metricName: id, stat: "Sum", period: 60 },
    })),
  ];

  it.each([
    ["a rate above the threshold", 10, 100, "ALARM"],
    ["the same rate of too few", 9, 9, "OK"],
    ["enough of very many", 10, 100_000, "OK"],
    ["none of none", undefined, undefined, "OK"],
  ])("judges the expression: %s", async (_, failed, total, state) => {
    const alarms = await start(mathAlarm({ metricQueries: rate }), topic());
    if (failed !== undefined) store.record("Ours", "failed", {}, failed, start0);
    if (total !== undefined) store.record("Ours", "total", {}, total, start0);
    expect(await stateAt(alarms, start0)).toBe(state);
  });

  it("tells the metrics and the expression, as CloudWatch does", async () => {
    const alarms = await start(mathAlarm({ metricQueries: mathOn("a * 2") }), topic());
    await stateAt(alarms, start0, 5);
    expect(JSON.parse(cloud?.sns.inbox.at(-1)?.message ?? "")).toMatchObject({
      Trigger: {
        Metrics: [
          { Id: "e", Expression: "a * 2", ReturnData: true },
          { Id: "a", MetricStat: { Stat: "Maximum", Period: 60, Metric: { MetricName: visible } } },
        ],
      },
    });
  });

  it("fills in what is missing, which DynamoDB's alarms otherwise ignore", async () => {
    const throttled = { namespace: "AWS/DynamoDB", metricName: "WriteThrottleEvents", dimensions: {} };
    const filled = [
      { id: "e", expression: "FILL(a, 0)", returnData: true },
      { id: "a", metric: { ...throttled, stat: "Sum", period: 60 } },
    ];
    for (const [watching, later] of [
      [mathAlarm({ metricQueries: filled }), "OK"],
      [alarm({ ...throttled, statistic: "Sum" }), "ALARM"],
    ] as const) {
      const alarms = await start(watching, topic());
      store.record("AWS/DynamoDB", "WriteThrottleEvents", {}, 1, start0);
      expect(await stateAt(alarms, start0)).toBe("ALARM");
      expect(await stateAt(alarms, start0 + 90 * second)).toBe(later);
      await cloud?.close();
      cloud = undefined;
    }
  });
});

describe("a composite alarm", () => {
  const named = (name: string, inputs: Record<string, unknown> = {}) => {
    const made = alarm({ alarmActions: [], okActions: [], metricName: name, ...inputs });
    return {
      ...made,
      name,
      state: { ...made.state, name, arn: `arn:aws:cloudwatch:us-east-1:0:alarm:${name}` },
    };
  };
  const composite = (alarmRule: string, inputs: Record<string, unknown> = {}) => {
    const made = resource("aws:cloudwatch/compositeAlarm:CompositeAlarm", "both", {
      alarmName: "both",
      alarmRule,
      alarmActions: [topicArn],
      okActions: [topicArn],
      ...inputs,
    });
    return made;
  };
  const one = named("NumberOfMessagesSent");
  const other = named("NumberOfMessagesDeleted");
  const at = async (alarms: Alarms, time: number, on: readonly GraphResource[]) => {
    for (const each of [one, other]) {
      store.record("AWS/SQS", each.name, dimensions, on.includes(each) ? 1 : 0, time);
    }
    await alarms.evaluateNow(time);
    return alarms.states().find(({ name }) => name === "both")?.state;
  };

  it.each([
    ["ALARM(NumberOfMessagesSent) AND ALARM(NumberOfMessagesDeleted)", [one], "OK"],
    ["ALARM(NumberOfMessagesSent) AND ALARM(NumberOfMessagesDeleted)", [one, other], "ALARM"],
    ['ALARM("NumberOfMessagesSent") OR ALARM("NumberOfMessagesDeleted")', [other], "ALARM"],
    ["ALARM(NumberOfMessagesSent) AND NOT ALARM(NumberOfMessagesDeleted)", [one, other], "OK"],
    ["OK(NumberOfMessagesSent) AND (FALSE OR ALARM(NumberOfMessagesDeleted))", [other], "ALARM"],
    ["ALARM(arn:aws:cloudwatch:us-east-1:0:alarm:NumberOfMessagesSent)", [one], "ALARM"],
  ])("follows its rule: %s", async (rule, on, state) => {
    const alarms = await start(one, other, composite(rule), topic());
    expect(await at(alarms, start0, on)).toBe(state);
  });

  it("tells once, whichever of its alarms goes on and off, and keeps what became of it", async () => {
    const rule = "ALARM(NumberOfMessagesSent) OR ALARM(NumberOfMessagesDeleted)";
    const alarms = await start(one, other, composite(rule), topic());
    await at(alarms, start0, []);
    await at(alarms, start0 + 61 * second, [one]);
    await at(alarms, start0 + 90 * second, [one, other]);
    await at(alarms, start0 + 180 * second, []);

    const told = (cloud?.sns.inbox ?? []).map(({ message }) => JSON.parse(message));
    expect(told.map(({ NewStateValue }) => NewStateValue)).toEqual(["OK", "ALARM", "OK"]);
    expect(told[1]).toMatchObject({ AlarmName: "both", AlarmRule: rule });
    const view = alarms.all().find(({ settings }) => settings.name === "both");
    expect(view?.history.map(({ to }) => to)).toEqual(["OK", "ALARM", "OK"]);
    expect(view?.status.since).toEqual(new Date(start0 + 180 * second));
  });

  it("holds what it has to tell while its suppressor is on, and tells it if it still holds afterwards", async () => {
    const actionsSuppressor = { alarm: other.name, waitPeriod: 10, extensionPeriod: 30 };
    const alarms = await start(one, other, composite(`ALARM(${one.name})`, { actionsSuppressor }), topic());
    const told = () => (cloud?.sns.inbox ?? []).map(({ message }) => JSON.parse(message).NewStateValue);
    await at(alarms, start0, []);
    await at(alarms, start0 + 11 * second, []);
    expect(told()).toEqual(["OK"]);
    await at(alarms, start0 + 65 * second, [one]);
    await at(alarms, start0 + 70 * second, [one, other]);
    await at(alarms, start0 + 120 * second, [one, other]);
    await at(alarms, start0 + 170 * second, [one]);
    expect(told()).toEqual(["OK"]);
    // Over at 181; 30 seconds later nobody suppresses it any more.
    await at(alarms, start0 + 181 * second, [one]);
    await at(alarms, start0 + 195 * second, [one]);
    expect(told()).toEqual(["OK"]);
    await at(alarms, start0 + 201 * second, [one]);
    expect(told()).toEqual(["OK", "ALARM"]);
  });

  it("tells nothing of trouble that came and went while the suppressor was waited for", async () => {
    const actionsSuppressor = { alarm: "elsewhere", waitPeriod: 120, extensionPeriod: 30 };
    const alarms = await start(one, other, composite(`ALARM(${one.name})`, { actionsSuppressor }), topic());
    await at(alarms, start0, []);
    await at(alarms, start0 + 121 * second, []);
    await at(alarms, start0 + 130 * second, [one]);
    await at(alarms, start0 + 192 * second, []);
    await at(alarms, start0 + 400 * second, []);
    expect((cloud?.sns.inbox ?? []).map(({ subject }) => subject)).toEqual(['OK: "both" in us-east-1']);
  });

  it("is refused with a rule that CloudWatch would not understand", async () => {
    await expect(start(one, composite("ALARM(NumberOfMessagesSent) XOR TRUE"), topic())).rejects.toThrow(
      'alarmRule: "XOR" is too much in',
    );
  });

  it("is found if it names an alarm that is not there", async () => {
    const alarms = await start(one, composite("ALARM(gone)"), topic());
    expect(alarms.unknownMetrics()).toEqual([{ alarm: "both", reason: "the program has no alarm gone" }]);
  });
});
