import { z } from "zod";
import { isStatistic, type MetricIdentity } from "../metrics.js";

/** Shapes that several of CloudWatch's calls share. Limits as in its API model (2010-08-01). */

export const metricName = z.string().min(1).max(255);
export const namespace = z.string().regex(/^[^:].{0,254}$/s);
export const dimensions = z
  .array(z.strictObject({ Name: z.string().min(1).max(255), Value: z.string().min(1).max(1_024) }))
  .max(30)
  .default([]);

/** Seconds. docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricStat.html */
export const period = z
  .int()
  .refine((seconds) => [1, 5, 10, 20, 30].includes(seconds) || (seconds >= 60 && seconds % 60 === 0), {
    error: "it must be 1, 5, 10, 20, 30 or a multiple of 60 seconds",
  });

export const statisticName = z.string().refine(isStatistic, {
  error: "local AWS knows SampleCount, Average, Sum, Minimum, Maximum and percentiles such as p99",
});

/** Epoch seconds, as the JSON protocol writes times; a text where somebody wrote the call by hand. */
export const time = z.union([
  z.number().transform((seconds) => seconds * 1_000),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
]);

export const token = z.string().min(1).optional();

export const metricDataQuery = z.strictObject({
  Id: z.string().regex(/^[a-z][A-Za-z0-9_]{0,254}$/),
  MetricStat: z
    .strictObject({
      Metric: z.strictObject({ Namespace: namespace, MetricName: metricName, Dimensions: dimensions }),
      Period: period,
      Stat: statisticName,
    })
    .optional(),
  Expression: z.string().min(1).max(2_048).optional(),
  Label: z.string().optional(),
  ReturnData: z.boolean().default(true),
  Period: period.optional(),
});
export type MetricDataQuery = z.output<typeof metricDataQuery>;

/** A metric as the store knows it. */
export function identity(metric: {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
}): MetricIdentity {
  return {
    namespace: metric.Namespace,
    name: metric.MetricName,
    dimensions: Object.fromEntries(metric.Dimensions.map(({ Name, Value }) => [Name, Value])),
  };
}

/** A metric as CloudWatch writes it. */
export function asMetric({ namespace: Namespace, name, dimensions: named }: MetricIdentity) {
  return {
    Namespace,
    MetricName: name,
    Dimensions: Object.entries(named).map(([Name, Value]) => ({ Name, Value })),
  };
}
