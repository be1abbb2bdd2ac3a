import type { Graph } from "../program/graph.js";
import type { AlarmSettings, AlarmState } from "./alarm.js";

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
  settings: AlarmSettings,
  { from, to, reason, at }: StateChange,
  { account, region }: Graph,
): { subject: string; message: string } {
  const { metric, actions } = settings;
  const percentile = /^p/.test(settings.statistic);
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
    Trigger: {
      MetricName: metric.name,
      Namespace: metric.namespace,
      StatisticType: percentile ? "ExtendedStatistic" : "Statistic",
      [percentile ? "ExtendedStatistic" : "Statistic"]: percentile
        ? settings.statistic
        : settings.statistic.toUpperCase(),
      Unit: null,
      Dimensions: Object.entries(metric.dimensions).map(([name, value]) => ({ value, name })),
      Period: settings.periodSeconds,
      EvaluationPeriods: settings.evaluationPeriods,
      DatapointsToAlarm: settings.datapointsToAlarm,
      ComparisonOperator: settings.comparisonOperator,
      Threshold: settings.threshold,
      TreatMissingData: settings.treatMissingData,
      EvaluateLowSampleCountPercentile: "",
    },
  };
  const subject = `${to}: "${settings.name}" in ${region}`;
  return { subject: subject.slice(0, maximumSubject), message: JSON.stringify(message) };
}
