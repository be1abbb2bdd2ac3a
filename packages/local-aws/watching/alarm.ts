import type { GraphResource } from "../program/graph.js";
import { arnOf, describe } from "../program/graph.js";
import { UserError } from "../program/user-error.js";
import { isStatistic, type MetricIdentity, type MetricStore, statistic } from "./metrics.js";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

type MissingData = "missing" | "notBreaching" | "breaching" | "ignore";

/** A MetricAlarm of the program with CloudWatch's defaults filled in. */
export interface AlarmSettings {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly metric: MetricIdentity;
  /** `Maximum`, `Sum`, `p99` … */
  readonly statistic: string;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly comparisonOperator: ComparisonOperator;
  readonly threshold: number;
  readonly treatMissingData: MissingData;
  readonly actionsEnabled: boolean;
  readonly actions: Readonly<Record<AlarmState, readonly string[]>>;
}

const comparisons = {
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
};
export type ComparisonOperator = keyof typeof comparisons;

/** @throws UserError for a setting that cannot be evaluated here, or that CloudWatch would refuse */
export function alarmSettings(resource: GraphResource): AlarmSettings {
  const { inputs, state } = resource;
  const refuse = (why: string): never => {
    throw new UserError(`${describe(resource)}: ${why}`);
  };
  for (const unsupported of ["metricQueries", "thresholdMetricId", "evaluateLowSampleCountPercentiles"]) {
    if (inputs[unsupported] !== undefined) {
      refuse(`local AWS cannot evaluate ${unsupported}: watch one metric with one statistic`);
    }
  }
  const { namespace, metricName, threshold, comparisonOperator } = inputs;
  if (typeof namespace !== "string" || typeof metricName !== "string") {
    return refuse("namespace and metricName must be set");
  }
  if (typeof threshold !== "number") return refuse("threshold must be set");
  if (!isComparison(comparisonOperator)) return refuse(`no such comparisonOperator: ${comparisonOperator}`);
  const chosen = String(inputs.statistic ?? inputs.extendedStatistic);
  if (!isStatistic(chosen)) return refuse(`local AWS does not know the statistic "${chosen}"`);
  const period = Number(inputs.period);
  if (!([10, 20, 30].includes(period) || (period > 0 && period % 60 === 0))) {
    return refuse(`period must be 10, 20, 30 or a multiple of 60 seconds, got ${inputs.period}`);
  }
  const evaluationPeriods = Number(inputs.evaluationPeriods);
  const datapointsToAlarm = Number(inputs.datapointsToAlarm ?? evaluationPeriods);
  if (datapointsToAlarm > evaluationPeriods) {
    return refuse(
      `datapointsToAlarm (${datapointsToAlarm}) is more than evaluationPeriods (${evaluationPeriods})`,
    );
  }
  const arns = (name: string) => (inputs[name] ?? []) as string[];
  return {
    name: String(state.name),
    arn: arnOf(resource),
    description: inputs.alarmDescription as string | undefined,
    metric: { namespace, name: metricName, dimensions: (inputs.dimensions ?? {}) as Record<string, string> },
    statistic: chosen,
    periodSeconds: period,
    evaluationPeriods,
    datapointsToAlarm,
    comparisonOperator,
    threshold,
    treatMissingData: (inputs.treatMissingData ?? "missing") as MissingData,
    actionsEnabled: inputs.actionsEnabled !== false,
    actions: {
      ALARM: arns("alarmActions"),
      OK: arns("okActions"),
      INSUFFICIENT_DATA: arns("insufficientDataActions"),
    },
  };
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
  const { periodSeconds, evaluationPeriods, datapointsToAlarm, threshold, comparisonOperator } = settings;
  const breaches = comparisons[comparisonOperator];
  const width = periodSeconds * 1000;
  const values = Array.from({ length: evaluationPeriods }, (_, index) => {
    // The newest period includes this very millisecond.
    const to = now + 1 - index * width;
    return statistic(settings.statistic, store.values(settings.metric, to - width, to));
  });
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
