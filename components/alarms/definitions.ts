import type * as pulumi from "@pulumi/pulumi";
import type { AlarmKind } from "./kinds.js";
import {
  apiMetrics,
  functionMetrics,
  outcomeMetrics,
  queueMetrics,
  sourceMetrics,
  tableMetrics,
  topicMetrics,
  type WatchedMetric,
} from "./metrics.js";
import type { AlarmThresholds } from "./thresholds.js";
import type { WatchedApi } from "./watched-api.js";

/** A queue and its function, by the names that CloudWatch uses. */
export interface LaneNames {
  readonly queue: pulumi.Input<string>;
  readonly deadLetterQueue: pulumi.Input<string>;
  readonly function: pulumi.Input<string>;
}

/** One alarm: what it watches, and from which value on it goes off. `alarmKinds` has the rest. */
export interface AlarmDefinition {
  readonly kind: AlarmKind;
  /** Tells alarms of one kind apart, in the alarm's name. */
  readonly detail?: string;
  /** A metric, or several and the expression that makes one value of them: ids of metrics are the names here. */
  readonly watched: WatchedMetric | MetricMath;
  /** The alarm goes off when the value reaches this, or falls below it. */
  readonly threshold: number;
  /** @default "reached" */
  readonly breach?: "reached" | "below";
  /** Replaces the kind's. */
  readonly periodSeconds?: number;
}

/**
 * Metric math: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html. CloudWatch charges such an alarm for each
 * of its metrics.
 */
export interface MetricMath {
  readonly metrics: Readonly<Record<string, WatchedMetric>>;
  readonly expression: string;
}

/** What of its limits a lane's alarms need to know. */
export interface LaneLimits {
  readonly timeoutSeconds: number;
  readonly maxConcurrency: number;
  /** Whether its function leaves targets alone. */
  readonly hasBreaker: boolean;
}

/**
 * Messages that SQS hands out of one queue without seeing one deleted, of a standard queue and since November 2024 of a FIFO queue:
 * docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
const mostInFlight = 120_000;

/** Part of a limit from which on somebody is told. */
const nearly = 0.8;

/** All alarms of a queue of senders' webhooks and its function. */
export function laneAlarms(
  lane: LaneNames,
  thresholds: AlarmThresholds,
  limits: LaneLimits,
): AlarmDefinition[] {
  const queue = queueMetrics(lane.queue);
  const lambda = functionMetrics(lane.function);
  const outcome = outcomeMetrics(lane.function);
  return [
    ...anyLaneAlarms(lane, thresholds, limits),
    {
      kind: "function-duration",
      watched: lambda.slowest,
      threshold: nearly * limits.timeoutSeconds * 1_000,
    },
    { kind: "function-concurrency", watched: lambda.concurrency, threshold: limits.maxConcurrency },
    { kind: "in-flight", watched: queue.inFlight, threshold: nearly * mostInFlight },
    {
      kind: "rejected-webhooks",
      watched: percentOf(outcome("rejected"), queue.deleted, thresholds.rejectedWebhooks),
      threshold: thresholds.rejectedWebhookPercent,
    },
    { kind: "invalid-webhooks", watched: outcome("invalid"), threshold: thresholds.invalidWebhooks },
    // On a REST API no sender can cause one. On an HTTP API one could, if AWS does not escape what it fills in
    // (docs/http-api.md, "Open questions").
    { kind: "unreadable-messages", watched: outcome("unreadable"), threshold: 1 },
    { kind: "untried-webhooks", watched: outcome("untried"), threshold: thresholds.untriedWebhooks },
  ];
}

/**
 * The alarms of a queue of subscribers: what no other alarm would tell. A stage may have many such queues, and each alarm costs.
 * Messages come to them that a source's function found readable, genuine and valid; when a function is too slow or too small, webhooks
 * wait or fail, which is watched.
 */
export function subscriberLaneAlarms(...lane: Parameters<typeof laneAlarms>): AlarmDefinition[] {
  return anyLaneAlarms(...lane);
}

function anyLaneAlarms(
  lane: LaneNames,
  thresholds: AlarmThresholds,
  { hasBreaker }: LaneLimits,
): AlarmDefinition[] {
  const queue = queueMetrics(lane.queue);
  const lambda = functionMetrics(lane.function);
  const outcome = outcomeMetrics(lane.function);
  const { ageOfOldest, deleted, received } = queue;
  return [
    {
      kind: "dead-letters",
      watched: queueMetrics(lane.deadLetterQueue).waiting,
      threshold: thresholds.deadLetters,
    },
    {
      kind: "stalled",
      watched: {
        metrics: { age: ageOfOldest, deleted },
        expression: `IF((age >= ${thresholds.oldestMessageSeconds}) AND (FILL(deleted, 0) < 1), 1, 0)`,
      },
      threshold: 1,
    },
    { kind: "oldest-message", watched: ageOfOldest, threshold: thresholds.oldestMessageSeconds },
    // A single webhook that fails is not an error of the function: see failed-attempts.
    { kind: "function-errors", watched: lambda.errors, threshold: thresholds.functionErrors },
    { kind: "function-throttles", watched: lambda.throttles, threshold: thresholds.functionThrottles },
    {
      kind: "failed-attempts",
      watched: percentOf(outcome("failed"), received, thresholds.failedAttempts),
      threshold: thresholds.failedAttemptPercent,
    },
    ...(hasBreaker
      ? [{ kind: "target-left-alone" as const, watched: outcome("breaker-opened"), threshold: 1 }]
      : []),
  ];
}

/** All alarms of an API. On an HTTP API that others share, their requests count too. */
export function apiAlarms(api: WatchedApi, thresholds: AlarmThresholds): AlarmDefinition[] {
  const { serverErrors, serverErrorRate, clientErrors, requests } = apiMetrics(api);
  return [
    {
      kind: "api-server-error-rate",
      watched: serverErrorRate,
      threshold: thresholds.serverErrorPercent / 100,
    },
    { kind: "api-server-errors", watched: serverErrors, threshold: thresholds.serverErrors },
    {
      kind: "api-client-errors",
      watched: percentOf(clientErrors, requests, thresholds.clientErrors),
      threshold: thresholds.clientErrorPercent,
    },
  ];
}

/**
 * The alarms of the history: one for the table, one for each index. The function does not read the indexes, so only their writes hold
 * webhooks up.
 */
export function historyAlarms(
  table: pulumi.Input<string>,
  indexes: readonly string[],
  { throttledRequests }: Pick<AlarmThresholds, "throttledRequests">,
): AlarmDefinition[] {
  const { refusedReads: reads, refusedWrites: writes } = tableMetrics(table);
  return [
    {
      kind: "history-throttled",
      watched: { metrics: { reads, writes }, expression: "FILL(reads, 0) + FILL(writes, 0)" },
      threshold: throttledRequests,
    },
    ...indexes.map((index) => ({
      kind: "history-throttled" as const,
      detail: index.replaceAll("_", "-"),
      watched: {
        metrics: { writes: tableMetrics(table, index).refusedWrites },
        expression: "FILL(writes, 0)",
      },
      threshold: throttledRequests,
    })),
  ];
}

/** The alarm that a topic does not reach somebody. */
export function topicAlarms(topic: pulumi.Input<string>): AlarmDefinition[] {
  return [{ kind: "alarms-undelivered", watched: topicMetrics(topic).undelivered, threshold: 1 }];
}

/**
 * The alarm that a source is silent. FILL makes each period count, which has a webhook or not: for a period without data CloudWatch looks
 * back further than the alarm says, and would tell of the silence some periods late
 * (docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html).
 */
export function silenceAlarm(
  source: { readonly key: string; readonly name: string; readonly expectEveryMinutes: number },
  functionName: pulumi.Input<string>,
): AlarmDefinition {
  const { arrived } = sourceMetrics(functionName, source.name);
  return {
    kind: "silent-source",
    detail: source.key,
    watched: { metrics: { arrived }, expression: "FILL(arrived, 0)" },
    threshold: 1,
    breach: "below",
    periodSeconds: source.expectEveryMinutes * 60,
  };
}

/** The alarm that the canary's webhooks are not processed. */
export function canaryAlarm(
  { source, everyMinutes }: { readonly source: string; readonly everyMinutes: number },
  functionName: pulumi.Input<string>,
): AlarmDefinition {
  const { processed } = sourceMetrics(functionName, source);
  return {
    kind: "canary",
    watched: { metrics: { processed }, expression: "FILL(processed, 0)" },
    threshold: 1,
    breach: "below",
    periodSeconds: everyMinutes * 60,
  };
}

/** How many of a hundred, and none where there are fewer than the least number. */
function percentOf(counted: WatchedMetric, total: WatchedMetric, leastCount: number): MetricMath {
  return {
    metrics: { counted, total },
    expression: `IF(counted >= ${leastCount}, 100 * counted / total, 0)`,
  };
}
