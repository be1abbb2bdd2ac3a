import type * as pulumi from "@pulumi/pulumi";
import { metricNamespace, outcomeMetric } from "../../runtime/telemetry/metrics.js";
import type { AlarmThresholds } from "./thresholds.js";
import type { WatchedApi } from "./watched-api.js";

/** A queue and its function, by the names that CloudWatch uses. */
export interface LaneNames {
  readonly queue: pulumi.Input<string>;
  readonly deadLetterQueue: pulumi.Input<string>;
  readonly function: pulumi.Input<string>;
}

/** One alarm: its metric, its threshold, and what to do about it. */
export interface AlarmDefinition {
  /** The end of the alarm's name. */
  readonly suffix: string;
  readonly description: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: { readonly [name: string]: pulumi.Input<string> };
  /** `Maximum` for gauges, `Sum` for counters. The sum of a gauge means nothing. */
  readonly statistic: "Maximum" | "Sum";
  readonly periodSeconds: number;
  /** The alarm goes off when the statistic is this value or more. */
  readonly threshold: number;
}

/** All alarms of a queue and its function, the most urgent first. */
export function laneAlarms(
  lane: LaneNames,
  thresholds: AlarmThresholds,
  { hasBreaker }: { readonly hasBreaker: boolean },
): AlarmDefinition[] {
  const queue = { QueueName: lane.queue };
  const deadLetterQueue = { QueueName: lane.deadLetterQueue };
  const lambda = { FunctionName: lane.function };
  return [
    {
      suffix: "dead-letters",
      description:
        "Webhooks failed all their deliveries and wait in the dead-letter queue, where SQS deletes them after 14 days. " +
        "Find the cause in the history, fix it, then redrive the queue.",
      // NumberOfMessagesSent does not count messages that the redrive policy moves, so only the number of waiting
      // messages shows them:
      // docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: deadLetterQueue,
      statistic: "Maximum",
      periodSeconds: 60,
      threshold: thresholds.deadLetters,
    },
    {
      suffix: "oldest-message",
      description:
        "A webhook has been waiting in the queue for too long: the function is down, too slow, or keeps failing.",
      namespace: "AWS/SQS",
      metricName: "ApproximateAgeOfOldestMessage",
      dimensions: queue,
      statistic: "Maximum",
      periodSeconds: 60,
      threshold: thresholds.oldestMessageSeconds,
    },
    {
      suffix: "function-errors",
      description: "The function crashed or timed out. Its whole batch will be delivered again.",
      // A single webhook that fails is not an error of the function: see failed-attempts.
      namespace: "AWS/Lambda",
      metricName: "Errors",
      dimensions: lambda,
      statistic: "Sum",
      periodSeconds: 300,
      threshold: thresholds.functionErrors,
    },
    {
      suffix: "function-throttles",
      description: "Lambda throttled the function. Each refusal counts as a delivery of its webhooks.",
      namespace: "AWS/Lambda",
      metricName: "Throttles",
      dimensions: lambda,
      statistic: "Sum",
      periodSeconds: 300,
      threshold: thresholds.functionThrottles,
    },
    {
      suffix: "failed-attempts",
      description:
        "Handlers keep failing. Their webhooks are delivered again and then move to the dead-letter queue.",
      namespace: metricNamespace,
      metricName: outcomeMetric("failed"),
      dimensions: lambda,
      statistic: "Sum",
      periodSeconds: 300,
      threshold: thresholds.failedAttempts,
    },
    ...(hasBreaker ? [targetLeftAlone(lambda)] : []),
    {
      suffix: "unreadable-messages",
      description:
        "Messages in the queue are not in the form that the gateway writes: a fault of this pipeline or a change of AWS. " +
        "The history keeps them with the status unreadable, and they can be sent again after the fix.",
      namespace: metricNamespace,
      metricName: outcomeMetric("unreadable"),
      dimensions: lambda,
      statistic: "Sum",
      periodSeconds: 300,
      // On a REST API no sender can cause one. On an HTTP API one could, if AWS does not escape what it fills in
      // (docs/http-api.md, "Open questions").
      threshold: 1,
    },
    {
      suffix: "rejected-webhooks",
      description:
        "Webhooks arrive with signatures that do not fit: they are forged, or a secret was changed on one side only. " +
        "The history keeps them, and they can be replayed once the secret is right.",
      namespace: metricNamespace,
      metricName: outcomeMetric("rejected"),
      dimensions: lambda,
      statistic: "Sum",
      periodSeconds: 300,
      threshold: thresholds.rejectedWebhooks,
    },
  ];
}

/** The same for a queue of subscribers, to which only messages come that were found readable and genuine. */
export function subscriberLaneAlarms(...lane: Parameters<typeof laneAlarms>): AlarmDefinition[] {
  const ofSenders: readonly string[] = [outcomeMetric("unreadable"), outcomeMetric("rejected")];
  return laneAlarms(...lane).filter(({ metricName }) => !ofSenders.includes(metricName));
}

function targetLeftAlone(dimensions: AlarmDefinition["dimensions"]): AlarmDefinition {
  return {
    suffix: "target-left-alone",
    description:
      "A target fails for everybody and is left alone. Its webhooks wait in the queue without using up their deliveries. The " +
      'function\'s log names it in the lines "target left alone". Mend it: it is tried again by itself, and all webhooks follow.',
    namespace: metricNamespace,
    metricName: outcomeMetric("breaker-opened"),
    dimensions,
    statistic: "Sum",
    // While the target is down, each probe that fails counts. There is less time between two of them than this.
    periodSeconds: 1_200,
    threshold: 1,
  };
}

/** All alarms of an API. On an HTTP API that others share, their requests count too. */
export function apiAlarms(api: WatchedApi, thresholds: AlarmThresholds): AlarmDefinition[] {
  const { serverErrors, clientErrors, dimensions } = apiMetrics(api);
  return [
    {
      suffix: "api-server-errors",
      description:
        "Webhooks could not be queued, and their senders got 5xx. Webhooks of senders that do not retry are lost.",
      namespace: "AWS/ApiGateway",
      metricName: serverErrors,
      dimensions,
      statistic: "Sum",
      periodSeconds: 300,
      threshold: thresholds.serverErrors,
    },
    {
      suffix: "api-client-errors",
      description:
        "Requests were refused with 4xx: an unknown path, a content type that is not accepted, or throttling (429). " +
        "The access log says which.",
      namespace: "AWS/ApiGateway",
      metricName: clientErrors,
      dimensions,
      statistic: "Sum",
      periodSeconds: 300,
      threshold: thresholds.clientErrors,
    },
  ];
}

/** The two kinds of APIs publish the same metrics under different names (AWS fact 5.7). */
function apiMetrics(api: WatchedApi) {
  if (api.kind === "http") {
    return { serverErrors: "5xx", clientErrors: "4xx", dimensions: { ApiId: api.id } };
  }
  const dimensions = { ApiName: api.name, Stage: api.stageName };
  return { serverErrors: "5XXError", clientErrors: "4XXError", dimensions };
}
