import { z } from "zod";
import { pageOf } from "../../services/paging.js";
import { parseMetricMath } from "../metric-math.js";
import { type MetricIdentity, type MetricStore, statistic } from "../metrics.js";
import { checked, invalidCombination, invalidToken, invalidValue, validationError } from "./errors.js";
import {
  asMetric,
  dimensions,
  identity,
  type MetricDataQuery,
  metricDataQuery,
  metricName,
  namespace,
  period,
  statisticName,
  time,
  token,
} from "./metric-queries.js";

/** Metrics of one answer of ListMetrics: docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html */
const listedMetrics = 500;

/** docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html */
const mostStatisticsPoints = 1_440;

const getMetricData = z.strictObject({
  MetricDataQueries: z.array(metricDataQuery).min(1).max(500),
  StartTime: time,
  EndTime: time,
  NextToken: token,
  ScanBy: z.enum(["TimestampDescending", "TimestampAscending"]).default("TimestampDescending"),
  MaxDatapoints: z.int().min(1).max(100_800).default(100_800),
});

const getMetricStatistics = z.strictObject({
  Namespace: namespace,
  MetricName: metricName,
  Dimensions: dimensions,
  StartTime: time,
  EndTime: time,
  Period: period,
  Statistics: z
    .array(z.enum(["SampleCount", "Average", "Sum", "Minimum", "Maximum"]))
    .min(1)
    .max(5)
    .optional(),
  ExtendedStatistics: z.array(statisticName).min(1).max(10).optional(),
});

const listMetrics = z.strictObject({
  Namespace: namespace.optional(),
  MetricName: metricName.optional(),
  Dimensions: z
    .array(
      z.strictObject({ Name: z.string().min(1).max(255), Value: z.string().min(1).max(1_024).optional() }),
    )
    .max(10)
    .default([]),
  NextToken: token,
  RecentlyActive: z.literal("PT3H").optional(),
});

/** A query's points, oldest first. */
export interface Series {
  readonly at: number;
  readonly value: number;
}

/** The calls of CloudWatch that read metrics. */
export class MetricData {
  constructor(private readonly store: MetricStore) {}

  getMetricData(input: unknown): unknown {
    const { MetricDataQueries: queries, StartTime, EndTime, ...asked } = checked(getMetricData, input);
    checkTimes(StartTime, EndTime);
    checkQueries(queries);
    const newestFirst = asked.ScanBy === "TimestampDescending";
    const returned = queries.filter(({ ReturnData }) => ReturnData);
    const points = returned.flatMap((query, index) => {
      const series = this.#series(query, queries, StartTime, EndTime);
      return (newestFirst ? [...series].reverse() : series).map((point) => ({ ...point, index }));
    });
    const { items, next } = pageOf(points, asked.MaxDatapoints, asked.NextToken, invalidToken);
    const cut = next === undefined ? undefined : items.at(-1)?.index;
    return {
      MetricDataResults: returned.map((query, index) => {
        const own = items.filter((point) => point.index === index);
        return {
          Id: query.Id,
          Label: query.Label ?? query.MetricStat?.Metric.MetricName ?? query.Id,
          Timestamps: own.map(({ at }) => at / 1_000),
          Values: own.map(({ value }) => value),
          StatusCode: cut !== undefined && index >= cut ? "PartialData" : "Complete",
        };
      }),
      NextToken: next,
      Messages: [],
    };
  }

  getMetricStatistics(input: unknown): unknown {
    const asked = checked(getMetricStatistics, input);
    const { Statistics: simple = [], ExtendedStatistics: extended = [], StartTime, EndTime, Period } = asked;
    if ((simple.length === 0) === (extended.length === 0)) {
      throw invalidCombination(
        "Exactly one of the parameters Statistics and ExtendedStatistics must be given.",
      );
    }
    if (StartTime >= EndTime) {
      throw invalidCombination("The parameter StartTime must be less than the parameter EndTime.");
    }
    const periods = this.#periods(identity(asked), Period, StartTime, EndTime);
    const count = (EndTime - StartTime) / 1_000 / Period;
    if (count > mostStatisticsPoints) {
      throw invalidCombination(
        `You have requested up to ${Math.ceil(count)} datapoints, which exceeds the limit of ${mostStatisticsPoints}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
      );
    }
    return {
      Label: asked.MetricName,
      Datapoints: periods.map(({ at, values }) => ({
        Timestamp: at / 1_000,
        ...Object.fromEntries(simple.map((name) => [name, statistic(name, values)])),
        ...(extended.length === 0
          ? {}
          : {
              ExtendedStatistics: Object.fromEntries(extended.map((name) => [name, statistic(name, values)])),
            }),
      })),
    };
  }

  listMetrics(input: unknown): unknown {
    const asked = checked(listMetrics, input);
    const { Namespace, MetricName, Dimensions, RecentlyActive, NextToken } = asked;
    const found = this.store
      .seen()
      .filter(
        (metric) =>
          (Namespace === undefined || metric.namespace === Namespace) &&
          (MetricName === undefined || metric.name === MetricName) &&
          Dimensions.every(({ Name, Value }) =>
            Value === undefined ? Name in metric.dimensions : metric.dimensions[Name] === Value,
          ) &&
          (RecentlyActive === undefined || this.#isRecent(metric)),
      )
      .map(asMetric)
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    const { items, next } = pageOf(found, listedMetrics, NextToken, invalidToken);
    return { Metrics: items, NextToken: next };
  }

  #isRecent(metric: MetricIdentity): boolean {
    const now = Date.now();
    return this.store.points(metric, now - 3 * 60 * 60 * 1_000, now + 1).length > 0;
  }

  #series(query: MetricDataQuery, queries: readonly MetricDataQuery[], from: number, to: number): Series[] {
    const { MetricStat } = query;
    if (MetricStat === undefined) return this.#computed(query, queries, from, to);
    const { Metric, Period, Stat } = MetricStat;
    return this.#periods(identity(Metric), Period, from, to).flatMap(({ at, values }) => {
      const value = statistic(Stat, values);
      return value === undefined ? [] : [{ at, value }];
    });
  }

  /** Metric math: one value for each period of the range, up to now, in which the expression has one. */
  #computed(query: MetricDataQuery, queries: readonly MetricDataQuery[], from: number, to: number): Series[] {
    const parsed = readExpression(query);
    const inputs = new Map<string, ReadonlyMap<number, number>>();
    for (const id of parsed.ids) {
      const input = queries.find(({ Id }) => Id === id);
      if (input === undefined) throw inExpression(query, `no query has the id ${id}`);
      const others = queries.filter((each) => each !== query);
      inputs.set(id, new Map(this.#series(input, others, from, to).map(({ at, value }) => [at, value])));
    }
    const width = periodOf(query, queries) * 1_000;
    const values: Series[] = [];
    const end = Math.min(to, Date.now() + 1);
    for (let at = startOf(from, width); at < end; at += width) {
      const value = parsed.value((id) => inputs.get(id)?.get(at));
      if (value !== undefined) values.push({ at, value });
    }
    return values;
  }

  /** The periods that have values, oldest first. They begin at the start time, rounded down to the minute. */
  #periods(metric: MetricIdentity, seconds: number, from: number, to: number) {
    const width = seconds * 1_000;
    const start = startOf(from, width);
    const periods = new Map<number, number[]>();
    for (const { at, value } of this.store.points(metric, start, to)) {
      const begin = start + roundedDown(at - start, width);
      const values = periods.get(begin);
      if (values === undefined) periods.set(begin, [value]);
      else values.push(value);
    }
    return [...periods].map(([at, values]) => ({ at, values }));
  }
}

const startOf = (from: number, width: number) => roundedDown(from, Math.min(width, 60_000));

function readExpression(query: MetricDataQuery): ReturnType<typeof parseMetricMath> {
  try {
    return parseMetricMath(query.Expression ?? "");
  } catch (error) {
    throw inExpression(query, (error as Error).message);
  }
}

/** Seconds. All metrics of an expression have one period here; CloudWatch also brings several together. */
function periodOf(query: MetricDataQuery, queries: readonly MetricDataQuery[]): number {
  const { ids } = readExpression(query);
  const periods = queries
    .filter(({ Id }) => ids.includes(Id))
    .map((input) => input.MetricStat?.Period ?? periodOf(input, queries));
  const [period, other] = [...new Set([...periods, ...(query.Period === undefined ? [] : [query.Period])])];
  if (period === undefined) throw inExpression(query, "it names no metric");
  if (other !== undefined) throw inExpression(query, "local AWS wants one period for all of its metrics");
  return period;
}

const inExpression = ({ Id, Expression }: MetricDataQuery, why: string) =>
  validationError(`Error in expression '${Id}' (${Expression}): ${why}.`);

const roundedDown = (value: number, unit: number) => Math.floor(value / unit) * unit;

function checkTimes(from: number, to: number): void {
  if (from < to) return;
  throw validationError("The parameter StartTime must be less than the parameter EndTime.");
}

function checkQueries(queries: readonly MetricDataQuery[]): void {
  const ids = queries.map(({ Id }) => Id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw validationError(`Duplicate id in the request: ${twice}.`);
  for (const { Id, MetricStat, Expression } of queries) {
    if ((MetricStat === undefined) === (Expression === undefined)) {
      throw validationError(`The query ${Id} must have exactly one of MetricStat and Expression.`);
    }
  }
  if (!queries.some(({ ReturnData }) => ReturnData)) {
    throw invalidValue("At least one query must have ReturnData set to true.");
  }
}
