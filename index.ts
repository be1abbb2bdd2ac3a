import { DlqAlarms } from "./components/dlq-alarms.js";
import { EncryptionKey } from "./components/encryption-key.js";
import { ProcessorNetwork } from "./components/processor-network.js";
import { SqsIngestApi } from "./components/sqs-ingest-api.js";
import { bundleProcessor } from "./components/support/bundle.js";
import { WebhookHistory } from "./components/webhook-history.js";
import { WebhookProcessor } from "./components/webhook-processor.js";
import { WebhookQueue } from "./components/webhook-queue.js";
import { readSettings } from "./config.js";
import { needsSecret } from "./runtime/definition.js";

const { sources, api, queue, processor, history, alarms, encryption, tags } = readSettings();
const { vpc, handlersFolder, concurrency, backoff, timeoutSeconds } = processor;

const key = new EncryptionKey("webhooks", { tags });
const dataKeyArn = encryption === "customer-key" ? key.arn : undefined;

const webhooks = new WebhookQueue("webhooks", {
  ...queue,
  fifo: queue.type === "fifo",
  keyArn: dataKeyArn,
  tags,
});

const { table } = new WebhookHistory("webhooks", { ...history, keyArn: dataKeyArn, tags });

const { code } = bundleProcessor(
  {
    sources: sources.map(({ definition }) => definition),
    timeoutSeconds,
    concurrency,
    backoff,
    historyTtlDays: history.ttlDays,
  },
  handlersFolder,
);
const worker = new WebhookProcessor("webhooks", {
  ...processor,
  code,
  queue: webhooks.queue,
  history: table,
  secretSources: sources
    .filter(({ definition }) => needsSecret(definition.signature))
    .map(({ name }) => name),
  vpc: vpc?.kind === "new" ? new ProcessorNetwork("webhooks", { ...vpc, tags }) : vpc,
  keyArn: key.arn,
  dataKeyArn,
  tags,
});

const door = new SqsIngestApi("webhooks", {
  ...api,
  queue: { arn: webhooks.queue.arn, fifo: queue.type === "fifo" },
  sources: sources.map(({ ingest }) => ingest),
  queueKeyArn: dataKeyArn,
  logKeyArn: key.arn,
  tags,
});

const { email, https, runbookUrl, ...thresholds } = alarms;
const { topic } = new DlqAlarms("webhooks", {
  queue: webhooks.queue,
  deadLetterQueue: webhooks.deadLetterQueue,
  processor: worker.function,
  api: { name: door.restApi.name, stageName: door.stage.stageName },
  topicKeyArn: key.arn,
  email,
  https,
  runbookUrl,
  thresholds,
  tags,
});

/** The URL each source posts to. */
export const endpoints = door.endpoints;
/** The Secrets Manager secret that holds each source's signing secret; set it before the first webhook. */
export const secretNames = Object.fromEntries(
  Object.entries(worker.secrets).map(([source, secret]) => [source, secret.name]),
);
export const queueUrl = webhooks.queue.url;
export const deadLetterQueueUrl = webhooks.deadLetterQueue.url;
export const historyTable = table.name;
export const alarmTopicArn = topic.arn;
