import type { MetricAlarmArgs } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import type * as pulumi from "@pulumi/pulumi";
import type { AlarmDefinition } from "./definitions.js";
import { alarmKinds, type KindOfAlarm } from "./kinds.js";
import type { WatchedMetric } from "./metrics.js";

/** Who is told, and of what words. */
interface Telling {
  readonly description: string;
  readonly topics: readonly pulumi.Input<string>[];
  readonly tags: MetricAlarmArgs["tags"];
}

/** The end of an alarm's name. */
export function suffixOf({ kind, detail }: Pick<AlarmDefinition, "kind" | "detail">): string {
  return detail === undefined ? kind : `${kind}-${detail}`;
}

/** What is registered of an alarm. */
export function metricAlarmArgs(
  definition: AlarmDefinition,
  { description, topics, tags }: Telling,
): MetricAlarmArgs {
  const kind: KindOfAlarm = alarmKinds[definition.kind];
  const periodSeconds = definition.periodSeconds ?? kind.periodSeconds;
  return {
    ...watchedArgs(definition.watched, periodSeconds),
    threshold: definition.threshold,
    comparisonOperator: definition.breach === "below" ? "LessThanThreshold" : "GreaterThanOrEqualToThreshold",
    evaluationPeriods: kind.evaluationPeriods,
    datapointsToAlarm: kind.datapointsToAlarm,
    treatMissingData: kind.missingData,
    alarmDescription: description,
    alarmActions: [...topics],
    ...(kind.tellsEnd ? { okActions: [...topics] } : {}),
    ...(tags === undefined ? {} : { tags }),
  };
}

function watchedArgs(watched: AlarmDefinition["watched"], periodSeconds: number) {
  if (!("expression" in watched)) {
    const { namespace, metricName, dimensions } = watched;
    return { namespace, metricName, dimensions, ...statisticOf(watched), period: periodSeconds };
  }
  return {
    metricQueries: [
      { id: "value", expression: watched.expression, label: "value", returnData: true },
      ...Object.entries(watched.metrics).map(([id, { namespace, metricName, dimensions, statistic }]) => ({
        id,
        metric: { namespace, metricName, dimensions, stat: statistic, period: periodSeconds },
      })),
    ],
  };
}

function statisticOf({ statistic }: WatchedMetric) {
  return statistic === "p99" ? { extendedStatistic: statistic } : { statistic };
}
