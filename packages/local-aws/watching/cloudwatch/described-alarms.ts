import { z } from "zod";
import { arnOf, type Graph, type GraphResource, resourcesOfType } from "../../program/graph.js";
import { pageOf } from "../../services/paging.js";
import type { AlarmStatus } from "../alarms.js";
import { checked, invalidToken, validationError } from "./errors.js";
import { token } from "./metric-queries.js";

export const alarmName = z.string().min(1).max(255);
export const alarmNames = z.array(alarmName).max(100);
export const alarmTypes = z.array(z.enum(["MetricAlarm", "CompositeAlarm"]));
export const alarmState = z.enum(["OK", "ALARM", "INSUFFICIENT_DATA"]);

/** Of the two kinds of alarms, by the type under which a program registers them. */
const typeTokens = {
  MetricAlarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  CompositeAlarm: "aws:cloudwatch/compositeAlarm:CompositeAlarm",
} as const;
export type AlarmType = keyof typeof typeTokens;

const describeAlarms = z.strictObject({
  AlarmNames: alarmNames.optional(),
  AlarmNamePrefix: alarmName.optional(),
  AlarmTypes: alarmTypes.default(["MetricAlarm"]),
  StateValue: alarmState.optional(),
  ActionPrefix: z.string().min(1).max(1_024).optional(),
  MaxRecords: z.int().min(1).max(100).default(50),
  NextToken: token,
});

/** An alarm of the program. */
export interface RegisteredAlarm {
  readonly type: AlarmType;
  readonly name: string;
  readonly arn: string;
  readonly resource: GraphResource;
}

/** The program's alarms of these types, by name. */
export function registeredAlarms(graph: Graph, types: readonly AlarmType[]): RegisteredAlarm[] {
  return types
    .flatMap((type) =>
      resourcesOfType(graph, typeTokens[type]).map((resource) => ({
        type,
        name: nameOf(resource),
        arn: arnOf(resource),
        resource,
      })),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const nameOf = ({ inputs, state }: GraphResource) => String(inputs.alarmName ?? state.name);

/** What a running alarm knows of itself. */
export type StatusOf = (
  alarm: RegisteredAlarm,
) => (AlarmStatus & { readonly actionsEnabled: boolean }) | undefined;

/**
 * docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 *
 * @throws ServiceError for what CloudWatch would refuse
 */
export function describedAlarms(graph: Graph, statusOf: StatusOf, input: unknown): unknown {
  const asked = checked(describeAlarms, input);
  const { AlarmNames, AlarmNamePrefix, StateValue, ActionPrefix } = asked;
  if (AlarmNames !== undefined && AlarmNamePrefix !== undefined) {
    throw validationError("AlarmNames and AlarmNamePrefix are mutually exclusive.");
  }
  const found = registeredAlarms(graph, asked.AlarmTypes).filter(
    (alarm) =>
      (AlarmNames?.includes(alarm.name) ?? true) &&
      alarm.name.startsWith(AlarmNamePrefix ?? "") &&
      (StateValue === undefined || statusOf(alarm)?.state === StateValue) &&
      (ActionPrefix === undefined || actionsOf(alarm).some((action) => action.startsWith(ActionPrefix))),
  );
  const { items, next } = pageOf(found, asked.MaxRecords, asked.NextToken, invalidToken);
  const ofType = (type: AlarmType) =>
    items.filter((alarm) => alarm.type === type).map((alarm) => described(alarm, statusOf(alarm)));
  return { MetricAlarms: ofType("MetricAlarm"), CompositeAlarms: ofType("CompositeAlarm"), NextToken: next };
}

type Inputs = Readonly<Record<string, unknown>>;

const actionInputs = {
  AlarmActions: "alarmActions",
  OKActions: "okActions",
  InsufficientDataActions: "insufficientDataActions",
} as const;

const actionsOf = ({ resource: { inputs } }: RegisteredAlarm) =>
  Object.values(actionInputs).flatMap((name) => (inputs[name] ?? []) as string[]);

function described({ type, name, arn, resource }: RegisteredAlarm, status: ReturnType<StatusOf>): object {
  const { inputs } = resource;
  const actions = Object.fromEntries(
    Object.entries(actionInputs).map(([member, input]) => [member, inputs[input] ?? []]),
  );
  const since = status === undefined ? undefined : status.since.getTime() / 1_000;
  return {
    AlarmName: name,
    AlarmArn: arn,
    AlarmDescription: inputs.alarmDescription,
    ActionsEnabled: status?.actionsEnabled ?? inputs.actionsEnabled !== false,
    ...actions,
    StateValue: status?.state,
    StateReason: status?.reason,
    StateUpdatedTimestamp: since,
    StateTransitionedTimestamp: since,
    ...(type === "MetricAlarm" ? metricMembers(inputs) : compositeMembers(inputs)),
  };
}

function compositeMembers(inputs: Inputs): object {
  const suppressor = inputs.actionsSuppressor as
    | { alarm: string; waitPeriod: number; extensionPeriod: number }
    | undefined;
  return {
    AlarmRule: inputs.alarmRule,
    ActionsSuppressor: suppressor?.alarm,
    ActionsSuppressorWaitPeriod: suppressor?.waitPeriod,
    ActionsSuppressorExtensionPeriod: suppressor?.extensionPeriod,
  };
}

function metricMembers(inputs: Inputs): object {
  const { metricQueries } = inputs as { metricQueries?: readonly Inputs[] };
  return {
    MetricName: inputs.metricName,
    Namespace: inputs.namespace,
    Statistic: inputs.statistic,
    ExtendedStatistic: inputs.extendedStatistic,
    Dimensions: asDimensions(inputs.dimensions),
    Period: inputs.period,
    Unit: inputs.unit,
    EvaluationPeriods: inputs.evaluationPeriods,
    DatapointsToAlarm: inputs.datapointsToAlarm,
    Threshold: inputs.threshold,
    ThresholdMetricId: inputs.thresholdMetricId,
    ComparisonOperator: inputs.comparisonOperator,
    TreatMissingData: inputs.treatMissingData,
    EvaluateLowSampleCountPercentile: inputs.evaluateLowSampleCountPercentiles,
    Metrics: metricQueries?.map(asMetricDataQuery),
  };
}

function asMetricDataQuery(query: Inputs): object {
  const { id, expression, label, returnData, period, metric } = query as Inputs & { metric?: Inputs };
  return {
    Id: id,
    Expression: expression,
    Label: label,
    ReturnData: returnData === true,
    Period: period,
    ...(metric === undefined
      ? {}
      : {
          MetricStat: {
            Metric: {
              Namespace: metric.namespace,
              MetricName: metric.metricName,
              Dimensions: asDimensions(metric.dimensions),
            },
            Period: metric.period,
            Stat: metric.stat,
            Unit: metric.unit,
          },
        }),
  };
}

const asDimensions = (dimensions: unknown) =>
  Object.entries((dimensions ?? {}) as Record<string, string>).map(([Name, Value]) => ({ Name, Value }));
