import { type Outcome, outcomes } from "../history/outcome.js";
import type { WriteLine } from "./log.js";

/** The namespace of the function's own metrics in CloudWatch. Alarms and dashboards use it from here. */
export const metricNamespace = "WebhookPipeline";

/** Milliseconds from the receive time to the end of the work, for processed webhooks. */
export const latencyMetric = "LatencyMilliseconds";

/**
 * Genuine webhooks that arrived from a source of which some are expected. Those that failed count once, or their further tries would
 * hide that no more arrive.
 */
export const arrivedMetric = "Arrived";

/** What is counted: outcomes, and what a breaker does. */
export type Counted =
  | Outcome
  /** A webhook waits, because its target is left alone. */
  | "held"
  /** A target is left alone from now on, or for longer. */
  | "breaker-opened";

/** Name of the metric that counts an outcome, or what a breaker does. */
export function outcomeMetric(outcome: Counted): string {
  if (outcome === "held") return "Held";
  if (outcome === "breaker-opened") return "BreakerOpened";
  return outcomes[outcome].metric;
}

/** The dimensions of metrics: by function, and by function and source. */
export const metricDimensions = [["FunctionName"], ["FunctionName", "Source"]] as const;

/** How a function counts its sources. */
export interface SourceCounting {
  /**
   * Whether there are metrics by function and source, besides those by function. CloudWatch charges each name of a metric with each source as
   * a metric of its own.
   */
  readonly bySource: boolean;
  /** Sources of which webhooks are expected: they are always counted by themselves, and their arrivals too. */
  readonly expected: ReadonlySet<string>;
}

/** The source of webhooks whose source is not known. */
export const unknownSource = "unknown";

/** One webhook's contribution to the metrics. */
export interface Measurement {
  readonly source: string;
  readonly outcome: Counted;
  readonly latencyMilliseconds: number;
  /** Whether the webhook was delivered before. */
  readonly isRepeated?: boolean;
}

/** Largest number of values of one metric in one line (AWS fact 5.8). */
const valuesPerLine = 100;

/**
 * Writes a batch's metrics in CloudWatch's embedded metric format: one line per source, or more if there are more
 * latencies than fit into a line.
 */
export function writeMetrics(
  measurements: readonly Measurement[],
  {
    functionName,
    now,
    writeLine,
    counting: { bySource, expected } = { bySource: true, expected: new Set() },
  }: {
    readonly functionName: string;
    readonly now: number;
    readonly writeLine: WriteLine;
    readonly counting?: SourceCounting;
  },
): void {
  for (const [source, ofSource] of Map.groupBy(measurements, ({ source }) => source)) {
    const latencies = ofSource
      .filter(({ outcome }) => outcome === "processed")
      .map(({ latencyMilliseconds }) => latencyMilliseconds);
    const arrived = expected.has(source) ? ofSource.filter(hasArrived).length : 0;
    const lines = Math.max(1, Math.ceil(latencies.length / valuesPerLine));
    for (let line = 0; line < lines; line++) {
      const values: Record<string, number | number[]> = line === 0 ? countOutcomes(ofSource) : {};
      if (latencies.length > 0) {
        values[latencyMetric] = latencies.slice(line * valuesPerLine, (line + 1) * valuesPerLine);
      }
      writeLine(
        JSON.stringify({
          _aws: {
            Timestamp: now,
            CloudWatchMetrics: [
              describe(Object.keys(values), bySource || expected.has(source) ? [0, 1] : [0]),
              ...(line === 0 && arrived > 0 ? [describe([arrivedMetric], [1])] : []),
            ],
          },
          FunctionName: functionName,
          Source: source,
          ...values,
          ...(line === 0 && arrived > 0 ? { [arrivedMetric]: arrived } : {}),
        }),
      );
    }
  }
}

function countOutcomes(measurements: readonly Measurement[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of measurements) {
    const name = outcomeMetric(outcome);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** A webhook that was found genuine. One that fails or waits does so again and again. */
function hasArrived({ outcome, isRepeated = false }: Measurement): boolean {
  switch (outcome) {
    case "processed":
    case "distributed":
    case "ignored":
    case "invalid":
    case "duplicate":
      return true;
    case "failed":
    case "held":
      return !isRepeated;
    default:
      return false;
  }
}

function describe(names: readonly string[], dimensions: readonly (0 | 1)[]) {
  return {
    Namespace: metricNamespace,
    Dimensions: dimensions.map((index) => metricDimensions[index]),
    Metrics: names.map((name) => ({
      Name: name,
      Unit: name === latencyMetric ? "Milliseconds" : "Count",
    })),
  };
}
