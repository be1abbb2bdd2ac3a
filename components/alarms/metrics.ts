import type * as pulumi from "@pulumi/pulumi";
import {
  arrivedMetric,
  latencyMetric,
  metricNamespace,
  outcomeMetric,
} from "../../runtime/telemetry/metrics.js";
import type { WatchedApi } from "./watched-api.js";

/** A metric by the names that CloudWatch uses, with the statistic that fits it. */
export interface WatchedMetric<Name extends pulumi.Input<string> = pulumi.Input<string>> {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: { readonly [name: string]: Name };
  /** `Maximum` for gauges, `Sum` for counters. The sum of a gauge means nothing (AWS fact 5.4). */
  readonly statistic: "Maximum" | "Sum" | "Average" | "SampleCount" | "p99";
}

type Named = pulumi.Input<string>;

/**
 * Of a queue. NumberOfMessagesSent does not count messages that the redrive policy moves, so only the number of waiting ones shows
 * dead letters: docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export function queueMetrics<Name extends Named>(QueueName: Name) {
  const of = metricsOf("AWS/SQS", { QueueName });
  return {
    waiting: of("ApproximateNumberOfMessagesVisible", "Maximum"),
    inFlight: of("ApproximateNumberOfMessagesNotVisible", "Maximum"),
    ageOfOldest: of("ApproximateAgeOfOldestMessage", "Maximum"),
    /** What came in. Dead letters that SQS moves do not count. */
    sent: of("NumberOfMessagesSent", "Sum"),
    /** Each delivery of a message. */
    received: of("NumberOfMessagesReceived", "Sum"),
    /** Those that ended. */
    deleted: of("NumberOfMessagesDeleted", "Sum"),
    /** Requests that found nothing, which AWS charges as well. */
    emptyReceives: of("NumberOfEmptyReceives", "Sum"),
  };
}

/** Of a function: docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
export function functionMetrics<Name extends Named>(FunctionName: Name) {
  const of = metricsOf("AWS/Lambda", { FunctionName });
  return {
    errors: of("Errors", "Sum"),
    throttles: of("Throttles", "Sum"),
    /** In milliseconds. */
    slowest: of("Duration", "p99"),
    /** In milliseconds, of all invocations together. */
    billed: of("Duration", "Sum"),
    concurrency: of("ConcurrentExecutions", "Maximum"),
  };
}

/** What the function itself counts, by outcome. */
export function outcomeMetrics<Name extends Named>(FunctionName: Name) {
  const of = metricsOf(metricNamespace, { FunctionName });
  return (outcome: Parameters<typeof outcomeMetric>[0]) => of(outcomeMetric(outcome), "Sum");
}

/** Milliseconds from the receive time to the end of the work, of processed webhooks. */
export function latencyMetrics<Name extends Named>(FunctionName: Name) {
  return metricsOf(metricNamespace, { FunctionName })(latencyMetric, "p99");
}

/** What the function counts of one source. */
export function sourceMetrics(FunctionName: Named, Source: string) {
  const of = metricsOf(metricNamespace, { FunctionName, Source });
  return { arrived: of(arrivedMetric, "Sum"), processed: of(outcomeMetric("processed"), "Sum") };
}

/**
 * Of an API. Both kinds publish the same under different names (AWS fact 5.7). Each request is a sample of 0 or 1, so that the
 * average is a rate: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html
 */
export function apiMetrics<Name extends Named>(api: WatchedApi<Name>) {
  const isHttp = api.kind === "http";
  const of = metricsOf<Name>(
    "AWS/ApiGateway",
    isHttp ? { ApiId: api.id } : { ApiName: api.name, Stage: api.stageName },
  );
  const serverErrors = isHttp ? "5xx" : "5XXError";
  return {
    serverErrors: of(serverErrors, "Sum"),
    serverErrorRate: of(serverErrors, "Average"),
    clientErrors: of(isHttp ? "4xx" : "4XXError", "Sum"),
    requests: of("Count", "SampleCount"),
  };
}

/**
 * Of the history's table, or of one of its indexes:
 * docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
 */
export function tableMetrics<Name extends Named>(TableName: Name, index?: string) {
  const of = metricsOf<Name | string>("AWS/DynamoDB", {
    TableName,
    ...(index === undefined ? {} : { GlobalSecondaryIndexName: index }),
  });
  return {
    refusedReads: of("ReadThrottleEvents", "Sum"),
    refusedWrites: of("WriteThrottleEvents", "Sum"),
    readUnits: of("ConsumedReadCapacityUnits", "Sum"),
    writeUnits: of("ConsumedWriteCapacityUnits", "Sum"),
  };
}

/** Of a log group: docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html */
export function logMetrics<Name extends Named>(LogGroupName: Name) {
  return { bytes: metricsOf("AWS/Logs", { LogGroupName })("IncomingBytes", "Sum") };
}

/** Of a topic: docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html */
export function topicMetrics(TopicName: Named) {
  return { undelivered: metricsOf("AWS/SNS", { TopicName })("NumberOfNotificationsFailed", "Sum") };
}

function metricsOf<Name extends Named>(namespace: string, dimensions: WatchedMetric<Name>["dimensions"]) {
  return (metricName: string, statistic: WatchedMetric["statistic"]): WatchedMetric<Name> => ({
    namespace,
    metricName,
    dimensions,
    statistic,
  });
}
