import {
  type CloudWatchClient,
  type CompositeAlarm,
  DescribeAlarmsCommand,
  type MetricAlarm,
} from "@aws-sdk/client-cloudwatch";
import type { StageOutputs } from "../stage/outputs.js";

/** An alarm that is on. */
export interface FiringAlarm {
  readonly name: string;
  /** What it means and what to do first: its own description. */
  readonly description: string;
  /** Epoch milliseconds. */
  readonly since: number;
  /** Why CloudWatch set it off. */
  readonly reason: string;
  /** The metrics that drive it, such as `AWS/SQS ApproximateAgeOfOldestMessage`; of a composite alarm its rule. */
  readonly metric: string;
  /** The section of the runbook that its description names: a URL, or a path in the repository. */
  readonly runbook: string | undefined;
  /** Whether somebody has to look at once. */
  readonly isPage: boolean;
}

/** The alarms of a stage that are on: pages first, then the newest. */
export async function firingAlarms(
  client: CloudWatchClient,
  { alarmTopicArn, pageTopicArn }: Pick<StageOutputs, "alarmTopicArn" | "pageTopicArn">,
): Promise<FiringAlarm[]> {
  const found: FiringAlarm[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(
      new DescribeAlarmsCommand({
        StateValue: "ALARM",
        AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    for (const alarm of [...(page.CompositeAlarms ?? []), ...(page.MetricAlarms ?? [])]) {
      const actions = alarm.AlarmActions ?? [];
      // Another stage's alarms are in the same account.
      const tellsPager = pageTopicArn !== undefined && actions.includes(pageTopicArn);
      if (!tellsPager && !actions.includes(alarmTopicArn)) continue;
      const description = alarm.AlarmDescription ?? "";
      found.push({
        name: alarm.AlarmName ?? "",
        description,
        since: alarm.StateTransitionedTimestamp?.getTime() ?? alarm.StateUpdatedTimestamp?.getTime() ?? 0,
        reason: alarm.StateReason ?? "",
        metric: metricOf(alarm),
        runbook: / Runbook: (\S+)$/.exec(description)?.[1],
        // Where pages have no topic of their own, the description still says which is one.
        isPage: tellsPager || description.includes("Severity: page."),
      });
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found.toSorted(
    (left, right) => Number(right.isPage) - Number(left.isPage) || right.since - left.since,
  );
}

function metricOf(alarm: MetricAlarm | CompositeAlarm): string {
  if ("AlarmRule" in alarm) return alarm.AlarmRule ?? "";
  const { Namespace, MetricName, Metrics = [] } = alarm as MetricAlarm;
  if (MetricName !== undefined) return `${Namespace} ${MetricName}`;
  const metrics = Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
  return [...new Set(metrics.map((each) => `${each.Namespace} ${each.MetricName}`))].join(", ");
}
