/** Dimensions of a metric: their set is part of its identity. */
export type Dimensions = Readonly<Record<string, string>>;

/** Takes data points, as CloudWatch's PutMetricData does. */
export interface MetricSink {
  /** @param at epoch milliseconds; default: now */
  record(namespace: string, name: string, dimensions: Dimensions, value: number, at?: number): void;
}

/** A metric that was ever recorded. */
export interface MetricIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
}

interface Series extends MetricIdentity {
  /** In the order of their times. */
  readonly points: MetricPoint[];
}

/** One value of a metric. */
export interface MetricPoint {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly value: number;
}

/** Points kept of a metric, the newest: a day of queue gauges, which come once a second, and as much memory as one can spare. */
const keptPoints = 100_000;

/** Metrics kept, those that were recorded last: a function may put an id into a dimension. */
const keptSeries = 5_000;

/** CloudWatch's metrics, in memory, for as long as an alarm looks back. */
export class MetricStore implements MetricSink {
  readonly #series = new Map<string, Series>();

  /** @param retentionSeconds how far back the longest alarm looks */
  constructor(private readonly retentionSeconds: number) {}

  record(namespace: string, name: string, dimensions: Dimensions, value: number, at = Date.now()): void {
    const key = keyOf(namespace, name, dimensions);
    const series = this.#series.get(key) ?? { namespace, name, dimensions, points: [] };
    // To the end of the map, so that its beginning is what was recorded longest ago.
    this.#series.delete(key);
    this.#series.set(key, series);
    const [stalest] = this.#series.keys();
    if (this.#series.size > keptSeries && stalest !== undefined) this.#series.delete(stalest);
    insert(series.points, { at, value });
    if (series.points.length > keptPoints) series.points.splice(0, keptPoints / 10);
    const oldest = Date.now() - this.retentionSeconds * 1000;
    // Old points go in bulk: taking one off the front for each new one would cost as much as the whole series.
    if ((series.points[0]?.at ?? oldest) < oldest - 60_000) {
      const kept = series.points.findIndex((point) => point.at >= oldest);
      series.points.splice(0, kept === -1 ? series.points.length : kept);
    }
  }

  /** The values with `from <= time < to`, in epoch milliseconds. */
  values({ namespace, name, dimensions }: MetricIdentity, from: number, to: number): number[] {
    return this.points({ namespace, name, dimensions }, from, to).map(({ value }) => value);
  }

  /** As `values`, with their times, oldest first. */
  points({ namespace, name, dimensions }: MetricIdentity, from: number, to: number): MetricPoint[] {
    const points = this.#series.get(keyOf(namespace, name, dimensions))?.points ?? [];
    return points.slice(firstAt(points, from), firstAt(points, to));
  }

  /** Every metric that was recorded since the start. */
  seen(): MetricIdentity[] {
    return [...this.#series.values()].map(({ namespace, name, dimensions }) => ({
      namespace,
      name,
      dimensions,
    }));
  }

  has({ namespace, name, dimensions }: MetricIdentity): boolean {
    return this.#series.has(keyOf(namespace, name, dimensions));
  }
}

/** Puts a point where its time belongs, which is nearly always the end. */
function insert(points: MetricPoint[], point: MetricPoint): void {
  const last = points.at(-1);
  if (last === undefined || last.at <= point.at) points.push(point);
  else points.splice(firstAt(points, point.at + 1), 0, point);
}

/** Index of the first point at a time or after it. */
function firstAt(points: readonly MetricPoint[], time: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.at ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function keyOf(namespace: string, name: string, dimensions: Dimensions): string {
  const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]);
}

/** A statistic over the values of one period. Undefined for a period without values. */
export function statistic(name: string, values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sum = values.reduce((total, value) => total + value, 0);
  switch (name) {
    case "SampleCount":
      return values.length;
    case "Sum":
      return sum;
    case "Average":
      return sum / values.length;
    case "Minimum":
      return values.reduce((least, value) => Math.min(least, value));
    case "Maximum":
      return values.reduce((most, value) => Math.max(most, value));
    default:
      return percentile(Number(name.slice(1)), values);
  }
}

/** True for what `statistic` can compute: CloudWatch's five, and percentiles such as p99 or p99.9. */
export function isStatistic(name: string): boolean {
  return /^(SampleCount|Sum|Average|Minimum|Maximum|p(100|\d{1,2}(\.\d+)?))$/.test(name);
}

function percentile(percent: number, values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}
