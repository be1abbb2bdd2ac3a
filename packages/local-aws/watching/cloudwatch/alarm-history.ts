import { z } from "zod";
import type { Graph } from "../../program/graph.js";
import { pageOf } from "../../services/paging.js";
import type { AlarmAction, Alarms, AlarmView } from "../alarms.js";
import type { StateChange } from "../notification.js";
import { alarmName, alarmTypes, registeredAlarms } from "./described-alarms.js";
import { checked, invalidToken } from "./errors.js";
import { time, token } from "./metric-queries.js";

const describeAlarmHistory = z.strictObject({
  AlarmName: alarmName.optional(),
  AlarmTypes: alarmTypes.default(["MetricAlarm"]),
  HistoryItemType: z.enum(["ConfigurationUpdate", "StateUpdate", "Action"]).optional(),
  StartDate: time.optional(),
  EndDate: time.optional(),
  MaxRecords: z.int().min(1).max(100).default(100),
  NextToken: token,
  ScanBy: z.enum(["TimestampDescending", "TimestampAscending"]).default("TimestampDescending"),
});

interface HistoryItem {
  readonly type: "StateUpdate" | "Action";
  readonly at: Date;
  readonly summary: string;
  readonly data: object;
}

/**
 * What alarms did since the start: docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html. No alarm is
 * ever configured anew here.
 *
 * @throws ServiceError for what CloudWatch would refuse
 */
export function alarmHistory(graph: Graph, alarms: Alarms, input: unknown): unknown {
  const asked = checked(describeAlarmHistory, input);
  const { AlarmName, HistoryItemType, StartDate = 0, EndDate = Number.MAX_SAFE_INTEGER } = asked;
  const views = alarms.all();
  const items = registeredAlarms(graph, asked.AlarmTypes)
    .filter(({ name }) => AlarmName === undefined || name === AlarmName)
    .flatMap(({ name, type }) => {
      const view = views.find(({ settings }) => settings.name === name);
      const actions = alarms.actions.filter(({ alarm }) => alarm === name);
      return [...stateUpdates(view), ...actions.map(asAction)].map((item) => ({
        ...item,
        name,
        alarmType: type,
      }));
    })
    .filter(({ at, type }) => {
      const milliseconds = at.getTime();
      return (
        (HistoryItemType === undefined || type === HistoryItemType) &&
        milliseconds >= StartDate &&
        milliseconds <= EndDate
      );
    })
    .sort((a, b) => a.at.getTime() - b.at.getTime());
  if (asked.ScanBy === "TimestampDescending") items.reverse();
  const { items: page, next } = pageOf(items, asked.MaxRecords, asked.NextToken, invalidToken);
  return {
    AlarmHistoryItems: page.map(({ name, alarmType, type, at, summary, data }) => ({
      AlarmName: name,
      AlarmType: alarmType,
      Timestamp: at.getTime() / 1_000,
      HistoryItemType: type,
      HistorySummary: summary,
      HistoryData: JSON.stringify({ version: "1.0", ...data }),
    })),
    NextToken: next,
  };
}

function stateUpdates(view: AlarmView | undefined): HistoryItem[] {
  return (view?.history ?? []).map(({ from, to, reason, at }: StateChange, index, all) => ({
    type: "StateUpdate",
    at,
    summary: `Alarm updated from ${from} to ${to}`,
    data: {
      oldState: { stateValue: from, stateReason: all[index - 1]?.reason },
      newState: { stateValue: to, stateReason: reason },
    },
  }));
}

function asAction({ state, target, at, failure }: AlarmAction): HistoryItem {
  return {
    type: "Action",
    at,
    summary:
      failure === undefined ? `Successfully executed action ${target}` : `Failed to execute action ${target}`,
    data: {
      actionState: failure === undefined ? "Succeeded" : "Failed",
      stateValue: state,
      notificationResource: target,
      error: failure,
    },
  };
}
