import { type CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
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
