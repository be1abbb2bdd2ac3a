import type { Cloud } from "../services/cloud.js";
import type { MetricSink } from "./metrics.js";

/** Records the gauges of every queue. */
export function sampleQueues({ sqs }: Cloud, metrics: MetricSink): void {
  for (const queue of sqs.queues()) {
    const dimensions = { QueueName: queue.settings.name };
    const { visible, notVisible, delayed, ageOfOldestSeconds } = queue.counts();
    const record = (name: string, value: number) => metrics.record("AWS/SQS", name, dimensions, value);
    record("ApproximateNumberOfMessagesVisible", visible);
    record("ApproximateNumberOfMessagesNotVisible", notVisible);
    record("ApproximateNumberOfMessagesDelayed", delayed);
    record("ApproximateAgeOfOldestMessage", ageOfOldestSeconds);
  }
}

/** Records what API Gateway publishes of one request: by API, and by API and stage (AWS fact 5.7). */
export function recordRequest(
  metrics: MetricSink,
  apiName: string,
  { stage, status, latencyMilliseconds }: { stage: string; status: number; latencyMilliseconds: number },
): void {
  const byApi = { ApiName: apiName };
  for (const dimensions of [byApi, { ...byApi, Stage: stage }]) {
    const record = (name: string, value: number) => metrics.record("AWS/ApiGateway", name, dimensions, value);
    record("Count", 1);
    record("4XXError", status >= 400 && status < 500 ? 1 : 0);
    record("5XXError", status >= 500 ? 1 : 0);
    record("Latency", latencyMilliseconds);
  }
}

/** As {@link recordRequest}, for an HTTP API: by its id, and by id and stage. */
export function recordHttpApiRequest(
  metrics: MetricSink,
  apiId: string,
  { stage, status, latencyMilliseconds }: { stage: string; status: number; latencyMilliseconds: number },
): void {
  const byApi = { ApiId: apiId };
  for (const dimensions of [byApi, { ...byApi, Stage: stage }]) {
    const record = (name: string, value: number) => metrics.record("AWS/ApiGateway", name, dimensions, value);
    record("Count", 1);
    record("4xx", status >= 400 && status < 500 ? 1 : 0);
    record("5xx", status >= 500 ? 1 : 0);
    record("Latency", latencyMilliseconds);
  }
}
