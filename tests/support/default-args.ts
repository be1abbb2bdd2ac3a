import { thresholdsOf } from "../../components/alarms/thresholds.js";
import type { SqsIngestApiArgs } from "../../components/sqs-ingest-api.js";
import type { SqsIngestHttpApiArgs } from "../../components/sqs-ingest-http-api.js";
import type { WebhookHistoryArgs } from "../../components/webhook-history.js";
import type { WebhookProcessorArgs } from "../../components/webhook-processor.js";
import type { WebhookQueueArgs } from "../../components/webhook-queue.js";
import { parseSettings } from "../../settings/settings.js";

/** Arguments of components, as a stage hands them over that names nothing but its sources. */

const sources = [{ name: "github", signature: { scheme: "github" } }];
const { api, queue, processor, history, alarms, tags } = parseSettings({ sources });
const { api: httpApi } = parseSettings({ sources, api: { kind: "http" } });
if (api.kind === "http" || httpApi.kind !== "http") throw new Error("REST is no longer the default");

export const queueArgs: WebhookQueueArgs = {
  visibilityTimeoutSeconds: queue.visibilityTimeoutSeconds,
  maxReceiveCount: queue.maxReceiveCount,
  retentionDays: queue.retentionDays,
  fifo: false,
  tags,
};

export const historyArgs: WebhookHistoryArgs = {
  pointInTimeRecovery: history.pointInTimeRecovery,
  deletionProtection: history.deletionProtection,
  overflow: history.overflow,
  ttlDays: history.ttlDays,
  tags,
};

export const processorArgs: Omit<WebhookProcessorArgs, "code" | "queue" | "history" | "secrets"> = {
  memoryMegabytes: processor.memoryMegabytes,
  timeoutSeconds: processor.timeoutSeconds,
  batchSize: processor.batchSize,
  batchWindowSeconds: processor.batchWindowSeconds,
  maxConcurrency: processor.maxConcurrency,
  logLevel: processor.logLevel,
  logRetentionDays: processor.logRetentionDays,
  tracing: processor.tracing,
  sendsAgain: false,
  tags,
};

export const restApiArgs: Omit<SqsIngestApiArgs, "sources" | "queues"> = {
  fifo: false,
  bodyMode: api.bodyMode,
  contentTypes: api.contentTypes,
  stageName: api.stageName,
  pathPrefix: api.pathPrefix,
  throttling: api.throttling,
  accessLogRetentionDays: api.accessLogRetentionDays,
  ownsAccountLogging: api.ownsAccountLogging,
  tags,
};

export const httpApiArgs: Omit<SqsIngestHttpApiArgs, "sources" | "queues"> = {
  fifo: false,
  api: httpApi.api,
  stageName: httpApi.stageName,
  pathPrefix: httpApi.pathPrefix,
  tags,
};

/** From which values on somebody is told, and who: nobody. */
export const alarmArgs = {
  limits: processor,
  history: { table: "history", indexes: ["by_source", "by_attention"] },
  receivers: alarms,
  areSecret: false,
  thresholds: thresholdsOf(alarms),
  tags,
};
