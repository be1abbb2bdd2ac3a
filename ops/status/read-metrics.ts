import { type CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { TimeWindow } from "../history/time-window.js";
import { inParallel } from "../in-parallel.js";

/** A metric of CloudWatch, and what is made of its values in the window. */
export interface AskedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `sum`: all of it; `latest`: the newest value, of a gauge. */
  readonly of: "sum" | "latest";
}

/** Most metrics in one call: docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const metricsInOneCall = 500;
const periodSeconds = 60;

/**
 * Reads metrics of a window.
 *
 * @returns in the order of the metrics; undefined where CloudWatch has no value
 */
export async function readMetrics(
  client: CloudWatchClient,
  metrics: readonly AskedMetric[],
  { from, to }: TimeWindow,
): Promise<(number | undefined)[]> {
  const calls = Array.from({ length: Math.ceil(metrics.length / metricsInOneCall) }, (_, index) =>
    metrics.slice(index * metricsInOneCall, (index + 1) * metricsInOneCall),
  );
  const answers = await inParallel(calls, 2, (asked) => readSome(client, asked, { from, to }));
  return answers.flat();
}

async function readSome(
  client: CloudWatchClient,
  metrics: readonly AskedMetric[],
  { from, to }: TimeWindow,
): Promise<(number | undefined)[]> {
  const values = new Map<string, number[]>();
  let NextToken: string | undefined;
  do {
    const page = await client.send(
      new GetMetricDataCommand({
        StartTime: new Date(from),
        EndTime: new Date(to),
        ScanBy: "TimestampDescending",
        ...(NextToken === undefined ? {} : { NextToken }),
        MetricDataQueries: metrics.map(({ namespace, name, dimensions, of }, index) => ({
          Id: `m${index}`,
          MetricStat: {
            Metric: {
              Namespace: namespace,
              MetricName: name,
              Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
            },
            Period: periodSeconds,
            Stat: of === "sum" ? "Sum" : "Maximum",
          },
        })),
      }),
    );
    for (const { Id = "", Values = [] } of page.MetricDataResults ?? []) {
      values.set(Id, [...(values.get(Id) ?? []), ...Values]);
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return metrics.map(({ of }, index) => {
    const found = values.get(`m${index}`) ?? [];
    if (found.length === 0) return undefined;
    return of === "sum" ? found.reduce((sum, value) => sum + value, 0) : found[0];
  });
}

/** Age of a queue's oldest message in seconds. CloudWatch has it by the minute. */
export function ageOfOldest(queue: string): AskedMetric {
  return {
    namespace: "AWS/SQS",
    name: "ApproximateAgeOfOldestMessage",
    dimensions: { QueueName: queue },
    of: "latest",
  };
}
