import type { GraphResource } from "../program/graph.js";
import { arnOf, describe } from "../program/graph.js";
import { UserError } from "../program/user-error.js";
import { parseMetricMath, type Value } from "./metric-math.js";
import { isStatistic, type MetricIdentity, type MetricStore, statistic } from "./metrics.js";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

type MissingData = "missing" | "notBreaching" | "breaching" | "ignore";

/** What every alarm has, whatever it watches. */
export interface CommonAlarmSettings {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly actionsEnabled: boolean;
  readonly actions: Readonly<Record<AlarmState, readonly string[]>>;
}

/** A metric that an alarm reads, and what its expression calls it. */
export interface WatchedSeries {
  readonly id: string;
  readonly metric: MetricIdentity;
  /** `Maximum`, `Sum`, `p99` … */
  readonly statistic: string;
}

/** A MetricAlarm of the program with CloudWatch's defaults filled in. */
export interface AlarmSettings extends CommonAlarmSettings {
  readonly kind: "metric";
  /** One, or those of the expression. */
  readonly series: readonly WatchedSeries[];
  /** Metric math over the series. Absent: the only series itself. */
  readonly expression?: { readonly id: string; readonly text: string; readonly value: Value };
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly comparisonOperator: ComparisonOperator;
  readonly threshold: number;
  readonly treatMissingData: MissingData;
}

const comparisons = {
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
};
export type ComparisonOperator = keyof typeof comparisons;

type Refuse = (why: string) => never;

/** What all alarms have in common, as the program set it. */
export function commonSettings({ inputs, state }: GraphResource, arn: string): CommonAlarmSettings {
  const arns = (name: string) => (inputs[name] ?? []) as string[];
  return {
    name: String(inputs.alarmName ?? state.name),
    arn,
    description: inputs.alarmDescription as string | undefined,
    actionsEnabled: inputs.actionsEnabled !== false,
    actions: {
      ALARM: arns("alarmActions"),
      OK: arns("okActions"),
      INSUFFICIENT_DATA: arns("insufficientDataActions"),
    },
  };
}

/** @throws UserError for a setting that cannot be evaluated here, or that CloudWatch would refuse */
export function alarmSettings(resource: GraphResource): AlarmSettings {
  const { inputs } = resource;
  const refuse: Refuse = (why) => {
    throw new UserError(`${describe(resource)}: ${why}`);
  };
  for (const unsupported of ["thresholdMetricId", "evaluateLowSampleCountPercentiles"]) {
    if (inputs[unsupported] !== undefined) refuse(`local AWS cannot evaluate ${unsupported}`);
  }
  const { threshold, comparisonOperator } = inputs;
  if (typeof threshold !== "number") return refuse("threshold must be set");
  if (!isComparison(comparisonOperator)) return refuse(`no such comparisonOperator: ${comparisonOperator}`);
  const watched =
    inputs.metricQueries === undefined
      ? watchedMetric(inputs, refuse)
      : watchedQueries(inputs.metricQueries as readonly Query[], refuse);
  const { periodSeconds } = watched;
  if (!([10, 20, 30].includes(periodSeconds) || (periodSeconds > 0 && periodSeconds % 60 === 0))) {
    return refuse(`period must be 10, 20, 30 or a multiple of 60 seconds, got ${periodSeconds}`);
  }
  const evaluationPeriods = Number(inputs.evaluationPeriods);
  const datapointsToAlarm = Number(inputs.datapointsToAlarm ?? evaluationPeriods);
  if (datapointsToAlarm > evaluationPeriods) {
    return refuse(
      `datapointsToAlarm (${datapointsToAlarm}) is more than evaluationPeriods (${evaluationPeriods})`,
    );
  }
  return {
    kind: "metric",
    ...commonSettings(resource, arnOf(resource)),
    ...watched,
    evaluationPeriods,
    datapointsToAlarm,
    comparisonOperator,
    threshold,
    treatMissingData: missingDataOf(inputs, watched),
  };
}

type Watched = Pick<AlarmSettings, "series" | "expression" | "periodSeconds">;

/**
 * Alarms on metrics of DynamoDB ignore missing data, whatever they say; an expression may fill it in:
 * docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
function missingDataOf(inputs: GraphResource["inputs"], { series, expression }: Watched): MissingData {
  const ofDynamoDb = series.some(({ metric }) => metric.namespace === "AWS/DynamoDB");
  if (ofDynamoDb && expression === undefined) return "ignore";
  return (inputs.treatMissingData ?? "missing") as MissingData;
}

function watchedMetric(inputs: GraphResource["inputs"], refuse: Refuse): Watched {
  const { namespace, metricName } = inputs;
  if (typeof namespace !== "string" || typeof metricName !== "string") {
    return refuse("namespace and metricName must be set");
  }
  const chosen = String(inputs.statistic ?? inputs.extendedStatistic);
  if (!isStatistic(chosen)) return refuse(`local AWS does not know the statistic "${chosen}"`);
  const metric = {
    namespace,
    name: metricName,
    dimensions: (inputs.dimensions ?? {}) as Record<string, string>,
  };
  return { series: [{ id: "metric", metric, statistic: chosen }], periodSeconds: Number(inputs.period) };
}

interface Query {
  readonly id: string;
  readonly expression?: string;
  readonly returnData?: boolean;
  readonly metric?: {
    readonly namespace?: string;
    readonly metricName: string;
    readonly dimensions?: Readonly<Record<string, string>>;
    readonly stat: string;
    readonly period: number;
  };
}

/** Any number of metrics, and at most one expression, which is the value that counts. */
function watchedQueries(queries: readonly Query[], refuse: Refuse): Watched {
  const returned = queries.filter(({ returnData = false }) => returnData);
  const [value] = returned;
  if (value === undefined || returned.length > 1) {
    return refuse(`metricQueries: one of them must have returnData, and ${returned.length} have it`);
  }
  const series = queries.flatMap(({ id, metric }) => {
    if (metric === undefined) return [];
    if (!isStatistic(metric.stat)) return refuse(`local AWS does not know the statistic "${metric.stat}"`);
    const { namespace = "", metricName, dimensions = {}, stat } = metric;
    return [{ id, metric: { namespace, name: metricName, dimensions }, statistic: stat }];
  });
  const periods = [...new Set(queries.flatMap(({ metric }) => metric?.period ?? []))];
  if (periods.length > 1) {
    return refuse(
      `metricQueries: local AWS wants one period for all, and they have ${periods.join(", ")} seconds`,
    );
  }
  const [periodSeconds = 0] = periods;
  const expressions = queries.filter(({ expression }) => expression !== undefined);
  const text = value.expression;
  if (expressions.length > 1 || text === undefined) {
    return refuse("metricQueries: local AWS evaluates one expression, the one with returnData");
  }
  try {
    const parsed = parseMetricMath(text);
    const unknown = parsed.ids.filter((id) => !series.some((each) => each.id === id));
    if (unknown.length > 0) return refuse(`metricQueries: no query has the id ${unknown.join(", ")}`);
    return { series, expression: { id: value.id, text, value: parsed.value }, periodSeconds };
  } catch (error) {
    if (error instanceof UserError) throw error;
    return refuse(`metricQueries: local AWS cannot evaluate the expression: ${(error as Error).message}`);
  }
}

/** The state that the data call for, and CloudWatch's sentence on it. */
export interface Evaluation {
  readonly state: AlarmState;
  readonly reason: string;
}

/**
 * Judges an alarm at a moment. The periods end at this moment instead of on the clock's minutes, so that a state shows
 * within a second of its cause.
 */
export function evaluate(
  settings: AlarmSettings,
  store: MetricStore,
  now: number,
  current: AlarmState,
): Evaluation {
  const { evaluationPeriods, datapointsToAlarm, threshold, comparisonOperator } = settings;
  const breaches = comparisons[comparisonOperator];
  const values = Array.from({ length: evaluationPeriods }, (_, index) =>
    valueIn(settings, store, now, index),
  );
  const present = values.filter((value) => value !== undefined);
  const missing = values.length - present.length;
  const breaching = present.filter((value) => breaches(value, threshold));
  const sentence = (count: number, what: string) =>
    `Threshold Crossed: ${count} out of the last ${evaluationPeriods} datapoints [${present.join(", ")}] ${what} (${threshold}).`;

  const counted = breaching.length + (settings.treatMissingData === "breaching" ? missing : 0);
  if (counted >= datapointsToAlarm) {
    return {
      state: "ALARM",
      reason: sentence(counted, `${wording[comparisonOperator]} the threshold`),
    };
  }
  if (present.length === 0) {
    switch (settings.treatMissingData) {
      case "missing":
        return { state: "INSUFFICIENT_DATA", reason: "Insufficient Data: no datapoints were received." };
      case "ignore":
        return { state: current, reason: "Missing data is ignored." };
      default:
        return { state: "OK", reason: "No datapoints were received; missing data is not breaching." };
    }
  }
  return {
    state: "OK",
    reason: sentence(
      present.length - breaching.length,
      `${wording[opposite[comparisonOperator]]} the threshold`,
    ),
  };
}

/** @param index 0 for the newest period */
function valueIn(
  { series, expression, periodSeconds }: AlarmSettings,
  store: MetricStore,
  now: number,
  index: number,
): number | undefined {
  const width = periodSeconds * 1000;
  // The newest period includes this very millisecond.
  const to = now + 1 - index * width;
  const seriesValue = (id: string) => {
    const read = series.find((each) => each.id === id);
    return read && statistic(read.statistic, store.values(read.metric, to - width, to));
  };
  return expression === undefined ? seriesValue(series[0]?.id ?? "") : expression.value(seriesValue);
}

const wording: Readonly<Record<ComparisonOperator, string>> = {
  GreaterThanOrEqualToThreshold: "were greater than or equal to",
  GreaterThanThreshold: "were greater than",
  LessThanThreshold: "were less than",
  LessThanOrEqualToThreshold: "were less than or equal to",
};
const opposite: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  GreaterThanOrEqualToThreshold: "LessThanThreshold",
  GreaterThanThreshold: "LessThanOrEqualToThreshold",
  LessThanThreshold: "GreaterThanOrEqualToThreshold",
  LessThanOrEqualToThreshold: "GreaterThanThreshold",
};

function isComparison(value: unknown): value is ComparisonOperator {
  return typeof value === "string" && Object.hasOwn(comparisons, value);
}
