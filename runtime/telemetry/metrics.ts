import { type Outcome, outcomes } from "../history/outcome.js";
import type { WriteLine } from "./log.js";

/** The namespace of the function's own metrics in CloudWatch. Alarms and dashboards use it from here. */
export const metricNamespace = "WebhookPipeline";

/** Milliseconds from the receive time to the end of the work, for processed webhooks. */
export const latencyMetric = "LatencyMilliseconds";

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

/** The dimensions of every metric: by function, and by function and source. */
export const metricDimensions = [["FunctionName"], ["FunctionName", "Source"]] as const;

/** The source of webhooks whose source is not known. */
export const unknownSource = "unknown";

/** One webhook's contribution to the metrics. */
export interface Measurement {
  readonly source: string;
  readonly outcome: Counted;
  readonly latencyMilliseconds: number;
}

/** Largest number of values of one metric in one line (AWS fact 5.8). */
const valuesPerLine = 100;

/**
 * Writes a batch's metrics in CloudWatch's embedded metric format: one line per source, or more if there are more
 * latencies than fit into a line.
 */
export function writeMetrics(
  measurements: readonly Measurement[],
  { functionName, now, writeLine }: { functionName: string; now: number; writeLine: WriteLine },
): void {
  for (const [source, ofSource] of Map.groupBy(measurements, ({ source }) => source)) {
    const latencies = ofSource
      .filter(({ outcome }) => outcome === "processed")
      .map(({ latencyMilliseconds }) => latencyMilliseconds);
    const lines = Math.max(1, Math.ceil(latencies.length / valuesPerLine));
    for (let line = 0; line < lines; line++) {
      const values: Record<string, number | number[]> = line === 0 ? countOutcomes(ofSource) : {};
      if (latencies.length > 0) {
        values[latencyMetric] = latencies.slice(line * valuesPerLine, (line + 1) * valuesPerLine);
      }
      writeLine(
        JSON.stringify({
          _aws: describe(Object.keys(values), now),
          FunctionName: functionName,
          Source: source,
          ...values,
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

function describe(names: readonly string[], now: number) {
  return {
    Timestamp: now,
    CloudWatchMetrics: [
      {
        Namespace: metricNamespace,
        Dimensions: metricDimensions,
        Metrics: names.map((name) => ({
          Name: name,
          Unit: name === latencyMetric ? "Milliseconds" : "Count",
        })),
      },
    ],
  };
}
