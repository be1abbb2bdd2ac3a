import type { Cloud } from "../services/cloud.js";
import type { Dimensions, MetricSink } from "./metrics.js";

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

/** What is recorded of a request to an API. */
interface MeasuredRequest {
  readonly stage: string;
  readonly status: number;
  readonly latencyMilliseconds: number;
}

/** Records what API Gateway publishes of one request to a REST API: by API, and by API and stage (AWS fact 5.7). */
export function recordRestApiRequest(metrics: MetricSink, ApiName: string, measured: MeasuredRequest): void {
  recordApiRequest(metrics, { ApiName }, { clientErrors: "4XXError", serverErrors: "5XXError" }, measured);
}

/** As {@link recordRestApiRequest}, for an HTTP API, whose metrics have other names (AWS fact 5.7). */
export function recordHttpApiRequest(metrics: MetricSink, ApiId: string, measured: MeasuredRequest): void {
  recordApiRequest(metrics, { ApiId }, { clientErrors: "4xx", serverErrors: "5xx" }, measured);
}

function recordApiRequest(
  metrics: MetricSink,
  byApi: Dimensions,
  names: { readonly clientErrors: string; readonly serverErrors: string },
  { stage, status, latencyMilliseconds }: MeasuredRequest,
): void {
  for (const dimensions of [byApi, { ...byApi, Stage: stage }]) {
    const record = (name: string, value: number) => metrics.record("AWS/ApiGateway", name, dimensions, value);
    record("Count", 1);
    record(names.clientErrors, status >= 400 && status < 500 ? 1 : 0);
    record(names.serverErrors, status >= 500 ? 1 : 0);
    record("Latency", latencyMilliseconds);
  }
}
