import {
  type CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandInput,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  GetDashboardCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListDashboardsCommand,
  ListMetricsCommand,
  type ListMetricsCommandInput,
  SetAlarmStateCommand,
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

const dashboard = resource("aws:cloudwatch/dashboard:Dashboard", "board", {
  dashboardName: "orders",
  dashboardBody: '{"widgets":[]}',
});

let test: TestCloud;
let store: MetricStore;
let running: Alarms;
let client: CloudWatchClient;

beforeAll(async () => {
  test = await startTestCloud(() => [
    topic,
    ...alarms,
    resource("aws:cloudwatch/compositeAlarm:CompositeAlarm", "at-risk", {
      alarmName: "orders-at-risk",
      alarmRule: "ALARM(orders-failed) OR ALARM(orders-slow)",
      alarmActions: [arnOf(topic)],
    }),
    dashboard,
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

  it("shows composite alarms where they are asked for, with their rule", async () => {
    const both = await client.send(
      new DescribeAlarmsCommand({ AlarmTypes: ["CompositeAlarm", "MetricAlarm"], StateValue: "ALARM" }),
    );
    expect(both.MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(["orders-failed"]);
    expect(both.CompositeAlarms).toMatchObject([
      {
        AlarmName: "orders-at-risk",
        AlarmArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:orders-at-risk",
        AlarmRule: "ALARM(orders-failed) OR ALARM(orders-slow)",
        AlarmActions: [arnOf(topic)],
        StateValue: "ALARM",
      },
    ]);
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

describe("an alarm in the operator's hands", () => {
  const history = async (input: object) =>
    (await client.send(new DescribeAlarmHistoryCommand(input))).AlarmHistoryItems ?? [];
  const inbox = () => test.cloud.sns.inbox.length;

  it("tells what it did, newest first, and whom it told", async () => {
    const items = await history({ AlarmName: "orders-failed" });
    expect(items.map(({ HistoryItemType, HistorySummary }) => [HistoryItemType, HistorySummary])).toEqual([
      ["Action", `Successfully executed action ${arnOf(topic)}`],
      ["StateUpdate", "Alarm updated from INSUFFICIENT_DATA to ALARM"],
    ]);
    expect(JSON.parse(items[1]?.HistoryData ?? "")).toMatchObject({
      oldState: { stateValue: "INSUFFICIENT_DATA" },
      newState: { stateValue: "ALARM", stateReason: expect.stringContaining("Threshold Crossed") },
    });
    expect(await history({ AlarmName: "orders-failed", HistoryItemType: "Action" })).toHaveLength(1);
    expect(await history({ StartDate: new Date(Date.now() + 1_000) })).toEqual([]);
    expect(await history({ AlarmTypes: ["CompositeAlarm"], HistoryItemType: "StateUpdate" })).toMatchObject([
      { AlarmName: "orders-at-risk", AlarmType: "CompositeAlarm" },
    ]);
  });

  it("tells nobody while its actions are off, and does again once they are on", async () => {
    const set = (StateValue: "OK" | "ALARM") =>
      client.send(
        new SetAlarmStateCommand({ AlarmName: "orders-failed", StateValue, StateReason: "trying it" }),
      );
    const AlarmNames = ["orders-failed"];
    const before = inbox();
    await client.send(new DisableAlarmActionsCommand({ AlarmNames }));
    await set("OK");
    await set("ALARM");
    expect(inbox()).toBe(before);
    const [shown] = (await client.send(new DescribeAlarmsCommand({ AlarmNames }))).MetricAlarms ?? [];
    expect(shown).toMatchObject({ ActionsEnabled: false, StateValue: "ALARM", StateReason: "trying it" });
    await client.send(new EnableAlarmActionsCommand({ AlarmNames }));
    await set("OK");
    await set("ALARM");
    expect(inbox()).toBe(before + 1);
  });

  it("is told of where it is not there", async () => {
    const set = new SetAlarmStateCommand({ AlarmName: "nobody", StateValue: "OK", StateReason: "x" });
    await expect(client.send(set)).rejects.toMatchObject(refusal("ResourceNotFound"));
  });
});

describe("dashboards", () => {
  it("are listed, and given as the program wrote them", async () => {
    const DashboardArn = "arn:aws:cloudwatch::000000000000:dashboard/orders";
    const { DashboardEntries } = await client.send(new ListDashboardsCommand({}));
    expect(DashboardEntries).toMatchObject([{ DashboardName: "orders", DashboardArn, Size: 14 }]);
    expect(await client.send(new GetDashboardCommand({ DashboardName: "orders" }))).toMatchObject({
      DashboardArn,
      DashboardBody: '{"widgets":[]}',
    });
    await expect(client.send(new GetDashboardCommand({ DashboardName: "x" }))).rejects.toMatchObject(
      refusal("ResourceNotFound"),
    );
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

  it("are put together by metric math, also of other expressions", async () => {
    const MetricDataQueries = [
      { ...query("sum", "Sum"), ReturnData: false },
      { ...query("count", "SampleCount"), ReturnData: false },
      { Id: "mean", Expression: "sum / count", Label: "mean duration" },
      { Id: "doubled", Expression: "mean * 2" },
    ];
    const { MetricDataResults } = await client.send(
      new GetMetricDataCommand({ ...times, MetricDataQueries }),
    );
    expect(MetricDataResults).toMatchObject([
      { Id: "mean", Label: "mean duration", Values: [50, 15], Timestamps: [at(60), at(0)] },
      { Id: "doubled", Values: [100, 30] },
    ]);
  });

  it("are filled in where there is none, up to now", async () => {
    const missing = { Namespace: "Orders", MetricName: "Gone" };
    const MetricDataQueries = [
      { Id: "gone", MetricStat: { Metric: missing, Period: 60, Stat: "Sum" }, ReturnData: false },
      { Id: "filled", Expression: "FILL(gone, 0)" },
    ];
    const filled = await client.send(new GetMetricDataCommand({ ...times, MetricDataQueries }));
    expect(filled.MetricDataResults).toMatchObject([{ Id: "filled", Values: [0, 0] }]);
  });

  it.each<[string, string, RegExp]>([
    ["a circle", "a + 1", /no query has the id a/],
    ["an unknown id", "b + 1", /no query has the id b/],
    ["a function that is not known here", "RATE(sum)", /RATE/],
    ["no metric at all", "1 + 1", /names no metric/],
  ])("are refused for an expression with %s", async (_, Expression, message) => {
    const MetricDataQueries = [query("sum", "Sum"), { Id: "a", Expression }];
    const command = new GetMetricDataCommand({ ...times, MetricDataQueries });
    await expect(client.send(command)).rejects.toMatchObject(refusal("ValidationException", message));
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
