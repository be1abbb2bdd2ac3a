import type { Graph } from "../program/graph.js";
import type { AlarmSettings, AlarmState } from "./alarm.js";
import type { CompositeSettings } from "./composite-alarm.js";
import type { Dimensions } from "./metrics.js";

/** A change of an alarm's state. */
export interface StateChange {
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
  readonly at: Date;
}

/** Longest subject that SNS takes. */
const maximumSubject = 99;

/** What CloudWatch publishes: the subject, and the JSON that tools such as pagers parse. */
export function alarmNotification(
  settings: AlarmSettings | CompositeSettings,
  { from, to, reason, at }: StateChange,
  { account, region }: Graph,
): { subject: string; message: string } {
  const { actions } = settings;
  const time = at.toISOString().replace("Z", "+0000");
  const message = {
    AlarmName: settings.name,
    AlarmDescription: settings.description ?? null,
    AWSAccountId: account,
    AlarmConfigurationUpdatedTimestamp: time,
    NewStateValue: to,
    NewStateReason: reason,
    StateChangeTime: time,
    Region: region,
    AlarmArn: settings.arn,
    OldStateValue: from,
    OKActions: actions.OK,
    AlarmActions: actions.ALARM,
    InsufficientDataActions: actions.INSUFFICIENT_DATA,
    ...(settings.kind === "composite" ? { AlarmRule: settings.ruleText } : { Trigger: triggerOf(settings) }),
  };
  const subject = `${to}: "${settings.name}" in ${region}`;
  return { subject: subject.slice(0, maximumSubject), message: JSON.stringify(message) };
}

function triggerOf(settings: AlarmSettings) {
  const { series, expression } = settings;
  const [only] = series;
  const percentile = /^p/.test(only?.statistic ?? "");
  const dimensionsOf = (dimensions: Dimensions) =>
    Object.entries(dimensions).map(([name, value]) => ({ value, name }));
  return {
    ...(expression === undefined && only !== undefined
      ? {
          MetricName: only.metric.name,
          Namespace: only.metric.namespace,
          StatisticType: percentile ? "ExtendedStatistic" : "Statistic",
          [percentile ? "ExtendedStatistic" : "Statistic"]: percentile
            ? only.statistic
            : only.statistic.toUpperCase(),
          Unit: null,
          Dimensions: dimensionsOf(only.metric.dimensions),
        }
      : {
          Metrics: [
            { Expression: expression?.text, Id: expression?.id, ReturnData: true },
            ...series.map(({ id, metric, statistic }) => ({
              Id: id,
              MetricStat: {
                Metric: {
                  Dimensions: dimensionsOf(metric.dimensions),
                  MetricName: metric.name,
                  Namespace: metric.namespace,
                },
                Period: settings.periodSeconds,
                Stat: statistic,
              },
              ReturnData: false,
            })),
          ],
        }),
    Period: settings.periodSeconds,
    EvaluationPeriods: settings.evaluationPeriods,
    DatapointsToAlarm: settings.datapointsToAlarm,
    ComparisonOperator: settings.comparisonOperator,
    Threshold: settings.threshold,
    TreatMissingData: settings.treatMissingData,
    EvaluateLowSampleCountPercentile: "",
  };
}
