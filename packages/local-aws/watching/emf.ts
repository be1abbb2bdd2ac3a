import type { Dimensions } from "./metrics.js";

/** One value of a metric that a log line carries. */
export interface EmbeddedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
  readonly value: number;
  readonly at: number;
}

/** Bounds within which CloudWatch takes an embedded metric (AWS fact 5.8). */
const maximumDimensions = 30;
const maximumMetrics = 100;
const maximumValues = 100;
const oldestMilliseconds = 14 * 24 * 60 * 60 * 1000;
const furthestMilliseconds = 2 * 60 * 60 * 1000;

interface Directive {
  readonly Namespace?: string;
  readonly Dimensions?: readonly (readonly string[])[];
  readonly Metrics?: readonly { readonly Name: string }[];
}

/**
 * Metrics in CloudWatch's embedded metric format. Like CloudWatch it ignores, without a word, a line that breaks the format's
 * rules: it is then a log line and nothing else.
 */
export function embeddedMetrics(line: string): EmbeddedMetric[] {
  if (!line.startsWith("{") || !line.includes('"_aws"')) return [];
  const members = parse(line);
  const metadata = members?._aws as { Timestamp?: number; CloudWatchMetrics?: Directive[] } | undefined;
  const at = metadata?.Timestamp;
  if (members === undefined || at === undefined) return [];
  const distance = at - Date.now();
  if (distance < -oldestMilliseconds || distance > furthestMilliseconds) return [];

  return (metadata?.CloudWatchMetrics ?? []).flatMap(
    ({ Namespace: namespace, Dimensions = [[]], Metrics = [] }) => {
      if (namespace === undefined || Metrics.length > maximumMetrics) return [];
      return Dimensions.filter(
        (names) => names.length <= maximumDimensions && names.every((name) => name in members),
      ).flatMap((names) => {
        const dimensions = Object.fromEntries(names.map((name) => [name, String(members[name])]));
        return Metrics.flatMap(({ Name: name }) =>
          numbers(members[name]).map((value) => ({ namespace, name, dimensions, value, at })),
        );
      });
    },
  );
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function numbers(value: unknown): number[] {
  const values = Array.isArray(value) ? value : [value];
  if (values.length > maximumValues) return [];
  return values.every((each) => typeof each === "number") ? values : [];
}
