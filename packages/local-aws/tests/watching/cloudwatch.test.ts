import {
  type CloudWatchClient,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandInput,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  type ListMetricsCommandInput,
} from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Alarms } from "../../watching/alarms.js";
import { serveCloudWatch } from "../../watching/cloudwatch/service.js";
import { MetricStore } from "../../watching/metrics.js";
import { startTestCloud, type TestCloud } from "../support/cloud.js";
import { arnOf, policyOf, resource, role } from "../support/graphs.js";

const topic = resource("aws:sns/topic:Topic", "pages");
const alarm = (name: string, inputs: Record<string, unknown> = {}) =>
  resource("aws:cloudwatch/metricAlarm:MetricAlarm", name, {
    namespace: "Orders",
    metricName: "Failed",
    dimensions: { Source: "github" },
    statistic: "Sum",
    period: 60,
    evaluationPeriods: 1,
    threshold: 3,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    treatMissingData: "notBreaching",
    ...inputs,
  });
const alarms = [
  alarm("orders-failed", { alarmDescription: "Webhooks fail", alarmActions: [arnOf(topic)] }),
  alarm("orders-slow", { metricName: "Slow", statistic: undefined, extendedStatistic: "p99" }),
  alarm("orders-quiet", { metricName: "Received", actionsEnabled: false }),
];

let test: TestCloud;
let store: MetricStore;
let running: Alarms;
let client: CloudWatchClient;

beforeAll(async () => {
  test = await startTestCloud(() => [
    topic,
    ...alarms,
    ...role("processor", "lambda.amazonaws.com", {
      Action: "cloudwatch:DescribeAlarms",
      Resource: arnOf(alarms[0] as (typeof alarms)[0]),
    }),
  ]);
  store = new MetricStore(3_600);
  running = new Alarms(test.cloud, store);
  serveCloudWatch(test.cloud, running, store);
  client = test.clients().cloudWatch;
});
afterAll(() => test.close());

const names = async (input: DescribeAlarmsCommandInput, from = client) =>
  (await from.send(new DescribeAlarmsCommand(input))).MetricAlarms?.map(({ AlarmName }) => AlarmName);
const refusal = (name: string, message: string | RegExp = "") => ({
  name,
  message: expect.stringMatching(message),
});

describe("DescribeAlarms", () => {
  it("shows what the program says of an alarm, and the state that it is in", async () => {
    for (let failures = 0; failures < 3; failures++)
      store.record("Orders", "Failed", { Source: "github" }, 1);
    await running.evaluateNow();
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: ["orders-failed"] }));
    expect(MetricAlarms).toEqual([
      expect.objectContaining({
        AlarmName: "orders-failed",
        AlarmArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:orders-failed",
        AlarmDescription: "Webhooks fail",
        ActionsEnabled: true,
        AlarmActions: [arnOf(topic)],
        OKActions: [],
        StateValue: "ALARM",
        StateReason: expect.stringContaining("Threshold Crossed"),
        StateUpdatedTimestamp: expect.any(Date),
        Namespace: "Orders",
        MetricName: "Failed",
        Dimensions: [{ Name: "Source", Value: "github" }],
        Statistic: "Sum",
        Period: 60,
        Threshold: 3,
        TreatMissingData: "notBreaching",
      }),
    ]);
  });

  it("finds alarms by name, prefix, state, action and type", async () => {
    expect(await names({})).toEqual(["orders-failed", "orders-quiet", "orders-slow"]);
    expect(await names({ AlarmNames: ["orders-slow", "nobody"] })).toEqual(["orders-slow"]);
    expect(await names({ AlarmNamePrefix: "orders-s" })).toEqual(["orders-slow"]);
    expect(await names({ StateValue: "ALARM" })).toEqual(["orders-failed"]);
    expect(await names({ ActionPrefix: "arn:aws:sns" })).toEqual(["orders-failed"]);
    expect(await names({ AlarmTypes: ["CompositeAlarm"] })).toEqual([]);
  });

  it("goes through them page by page", async () => {
    const first = await client.send(new DescribeAlarmsCommand({ MaxRecords: 2 }));
    expect(first.MetricAlarms).toHaveLength(2);
    const { NextToken } = first;
    const second = await client.send(
      new DescribeAlarmsCommand({ MaxRecords: 2, ...(NextToken === undefined ? {} : { NextToken }) }),
    );
    expect(second.MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(["orders-slow"]);
    expect(second.NextToken).toBeUndefined();
  });

  it.each<[string, DescribeAlarmsCommandInput, string, RegExp]>([
    ["a token of nobody's", { NextToken: "x" }, "InvalidNextToken", /next token/],
    ["101 records", { MaxRecords: 101 }, "ValidationException", /MaxRecords/],
    [
      "a member of AWS's that this machine does not know",
      { ParentsOfAlarmName: "x" },
      "ValidationException",
      /ParentsOf/,
    ],
    ["names and a prefix", { AlarmNames: ["a"], AlarmNamePrefix: "b" }, "ValidationException", /exclusive/],
  ])("refuses %s", async (_, input, name, message) => {
    await expect(names(input)).rejects.toMatchObject(refusal(name, message));
  });

  it("is allowed by the alarm's name alone, where only that is asked for", async () => {
    const arn = "arn:aws:iam::000000000000:role/processor";
    const { cloudWatch } = test.clients(test.keys.issue({ kind: "role", arn }));
    expect(await names({ AlarmNames: ["orders-failed"] }, cloudWatch)).toEqual(["orders-failed"]);
    const refused = refusal("AccessDenied", /cloudwatch:DescribeAlarms on resource: .*alarm:\*/);
    await expect(names({}, cloudWatch)).rejects.toMatchObject(refused);
  });
});

describe("metrics", () => {
  // A whole minute in the past, so that the periods of the test are whole ones.
  const minute = Math.floor(Date.now() / 60_000) * 60_000 - 300_000;
  const at = (seconds: number) => new Date(minute + seconds * 1_000);
  const times = { StartTime: at(0), EndTime: at(120) };
  const metric = { Namespace: "Orders", MetricName: "Duration" };
  const query = (Id: string, Stat: string) => ({ Id, MetricStat: { Metric: metric, Period: 60, Stat } });

  beforeAll(() => {
    // Out of order, as lines of several functions arrive.
    for (const [seconds, value] of [
      [70, 40],
      [10, 10],
      [20, 20],
      [119.999, 60],
      [120, 1_000],
    ]) {
      store.record("Orders", "Duration", {}, value ?? 0, minute + (seconds ?? 0) * 1_000);
    }
  });

  it("are given by period, newest first unless asked otherwise, without the end time", async () => {
    const read = (ScanBy?: "TimestampAscending") =>
      client.send(
        new GetMetricDataCommand({
          ...times,
          MetricDataQueries: [query("sum", "Sum"), query("median", "p50")],
          ...(ScanBy === undefined ? {} : { ScanBy }),
        }),
      );
    expect((await read()).MetricDataResults).toEqual([
      {
        Id: "sum",
        Label: "Duration",
        StatusCode: "Complete",
        Timestamps: [at(60), at(0)],
        Values: [100, 30],
      },
      {
        Id: "median",
        Label: "Duration",
        StatusCode: "Complete",
        Timestamps: [at(60), at(0)],
        Values: [40, 10],
      },
    ]);
    expect((await read("TimestampAscending")).MetricDataResults?.[0]?.Values).toEqual([30, 100]);
  });

  it("come page by page, and a page says what is not complete yet", async () => {
    const input = { ...times, MetricDataQueries: [query("sum", "Sum")], MaxDatapoints: 1 };
    const first = await client.send(new GetMetricDataCommand(input));
    expect(first.MetricDataResults).toMatchObject([{ StatusCode: "PartialData", Values: [100] }]);
    const { NextToken } = first;
    const second = await client.send(
      new GetMetricDataCommand({ ...input, ...(NextToken === undefined ? {} : { NextToken }) }),
    );
    expect(second.MetricDataResults).toMatchObject([{ StatusCode: "Complete", Values: [30] }]);
    expect(second.NextToken).toBeUndefined();
  });

  it("are given with several statistics at once", async () => {
    const { Datapoints } = await client.send(
      new GetMetricStatisticsCommand({
        ...times,
        ...metric,
        Period: 120,
        Statistics: ["Average", "Maximum"],
      }),
    );
    expect(Datapoints).toEqual([{ Timestamp: at(0), Average: 32.5, Maximum: 60 }]);
    const percentiles = await client.send(
      new GetMetricStatisticsCommand({ ...times, ...metric, Period: 120, ExtendedStatistics: ["p99"] }),
    );
    expect(percentiles.Datapoints).toEqual([{ Timestamp: at(0), ExtendedStatistics: { p99: 60 } }]);
  });

  it("are listed by namespace, name and dimension", async () => {
    const list = async (input: ListMetricsCommandInput) =>
      (await client.send(new ListMetricsCommand(input))).Metrics?.map(({ MetricName }) => MetricName);
    expect(await list({ Namespace: "Orders" })).toEqual(["Duration", "Failed"]);
    expect(await list({ Namespace: "AWS/SQS" })).toEqual([]);
    expect(await list({ Dimensions: [{ Name: "Source" }] })).toEqual(["Failed"]);
    expect(await list({ Dimensions: [{ Name: "Source", Value: "stripe" }] })).toEqual([]);
  });

  it.each<[string, object, string, RegExp]>([
    ["a period that CloudWatch has not", { Period: 45 }, "ValidationException", /Period/],
    ["a statistic that nobody knows", { Stat: "Sums" }, "ValidationException", /Stat/],
    ["a unit, which is not kept here", { Unit: "Count" }, "ValidationException", /MetricStat.Unit/],
  ])("are refused for %s", async (_, change, name, message) => {
    const stat = { Metric: metric, Period: 60, Stat: "Sum", ...change };
    const command = new GetMetricDataCommand({
      ...times,
      MetricDataQueries: [{ Id: "a", MetricStat: stat }],
    });
    await expect(client.send(command)).rejects.toMatchObject(refusal(name, message));
  });

  it("are refused for times in the wrong order, and for two queries of one id", async () => {
    const swapped = { StartTime: times.EndTime, EndTime: times.StartTime };
    const queries = [query("a", "Sum")];
    await expect(
      client.send(new GetMetricDataCommand({ ...swapped, MetricDataQueries: queries })),
    ).rejects.toMatchObject(refusal("ValidationException", /StartTime must be less/));
    await expect(
      client.send(new GetMetricDataCommand({ ...times, MetricDataQueries: [...queries, ...queries] })),
    ).rejects.toMatchObject(refusal("ValidationException", /Duplicate id/));
  });
});

describe("a user with a policy", () => {
  it("may do what it says and nothing else", async () => {
    const user = test.cloud.authoriser.addUser(
      "reader",
      policyOf({ Action: "cloudwatch:DescribeAlarms", Resource: "*" }),
    );
    const { cloudWatch } = test.clients(test.keys.issue(user));
    expect(await names({}, cloudWatch)).toHaveLength(3);
    await expect(cloudWatch.send(new ListMetricsCommand({}))).rejects.toMatchObject(
      refusal("AccessDenied", /user\/reader is not authorized to perform: cloudwatch:ListMetrics/),
    );
  });
});
