import type { Line, LineOptions } from "./body.js";
import type { DrawnDefinition, DrawnMetric } from "./stage.js";

/** A metric as a line. */
export function line(
  { namespace, metricName, dimensions, statistic }: DrawnMetric,
  options: LineOptions = {},
): Line {
  return [namespace, metricName, ...Object.entries(dimensions).flat(), { stat: statistic, ...options }];
}

/**
 * The sum of one metric of several lanes, as one line with the given id. METRICS takes all whose ids contain a text:
 * docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function sum(id: string, metrics: readonly DrawnMetric[], options: LineOptions = {}): Line[] {
  const [only, ...more] = metrics;
  if (only !== undefined && more.length === 0) return [line(only, { id, ...options })];
  return [
    ...metrics.map((metric, index) => line(metric, { id: `${id}_${index}`, visible: false })),
    [{ expression: `SUM(METRICS("${id}_"))`, id, ...options }],
  ];
}

/**
 * What an alarm watches, exactly: its metric, or its metrics without being shown and its expression.
 *
 * @param id tells the alarm's lines from those of others in the graph
 */
export function watchedLines(
  { watched }: DrawnDefinition,
  { id, ...options }: LineOptions & { readonly id: string },
): Line[] {
  if (!("expression" in watched)) return [line(watched, { id, ...options })];
  const ids = Object.keys(watched.metrics);
  const renamed = watched.expression.replaceAll(/\b[a-z]\w*\b/g, (word) =>
    ids.includes(word) ? `${id}_${word}` : word,
  );
  return [
    ...Object.entries(watched.metrics).map(([own, metric]) =>
      line(metric, {
        id: `${id}_${own}`,
        visible: false,
        ...(options.period === undefined ? {} : { period: options.period }),
      }),
    ),
    [{ expression: renamed, id, ...options }],
  ];
}

/** Characters of a search: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html */
const longestSearch = 1_024;

/**
 * Searches for metrics by source, of these functions: one search, or more where the functions' names are too long for one. Names of
 * functions stand in it one by one, because another stage in the account may have sources of the same names.
 *
 * @param term what else is searched for, such as `MetricName="Processed"`
 */
export function sourceSearches(
  namespace: string,
  term: string,
  functions: readonly string[],
  statistic: string,
): string[] {
  const search = (some: readonly string[]) =>
    `SEARCH('{${namespace},FunctionName,Source} ${term} (${some.map((name) => `"${name}"`).join(" OR ")})', '${statistic}')`;
  const parts: string[][] = [];
  for (const name of functions) {
    const last = parts.at(-1);
    if (last !== undefined && search([...last, name]).length <= longestSearch) last.push(name);
    else parts.push([name]);
  }
  return parts.map(search);
}
