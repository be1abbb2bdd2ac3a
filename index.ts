import { DlqAlarms } from "./components/dlq-alarms.js";
import { EncryptionKey } from "./components/encryption-key.js";
import { createFrontDoor } from "./components/front-door.js";
import { functionNetwork } from "./components/processor-network.js";
import { bundleProcessor } from "./components/support/bundle.js";
import { WebhookHistory } from "./components/webhook-history.js";
import { WebhookProcessor } from "./components/webhook-processor.js";
import { WebhookQueue } from "./components/webhook-queue.js";
import { WebhookSecrets } from "./components/webhook-secrets.js";
import { readSettings } from "./config.js";
import { frontDoorOf } from "./settings/front-door.js";
import { allSecretNames, byLane, bySource, lanesOf } from "./settings/lanes.js";

const settings = readSettings();
const { processor, tags, protect } = settings;
const fifo = settings.queue.type === "fifo";
// Whatever holds webhooks or opens them.
const kept = { protect };

const { arn: keyArn } = new EncryptionKey("webhooks", { tags }, kept);
const dataKeyArn = settings.encryption === "customer-key" ? keyArn : undefined;

const history = new WebhookHistory("webhooks", { ...settings.history, keyArn: dataKeyArn, tags }, kept);
const secrets = new WebhookSecrets("webhooks", { names: allSecretNames(settings), keyArn, tags }, kept);
const vpc = functionNetwork("webhooks", processor.vpc, tags);

const lanes = lanesOf(settings, "webhooks").map(({ name, sources, definition, secretNames }) => {
  const queues = new WebhookQueue(name, { ...settings.queue, fifo, keyArn: dataKeyArn, tags }, kept);
  const worker = new WebhookProcessor(name, {
    ...{ ...processor, vpc, keyArn, dataKeyArn, tags },
    code: bundleProcessor(definition, processor.handlersFolder).code,
    queue: queues.queue,
    history: history.table,
    overflowBucket: history.overflowBucket,
    secrets: secrets.only(secretNames),
  });
  const { queue, deadLetterQueue } = queues;
  return { name, sources, queue, deadLetterQueue, processor: worker.function };
});

const api = createFrontDoor("webhooks", {
  ...{ ...frontDoorOf(settings), fifo, queueKeyArn: dataKeyArn, logKeyArn: keyArn, tags },
  queues: bySource(lanes, ({ queue }) => queue),
});

const { email, https, runbookUrl, ...thresholds } = settings.alarms;
const { topic } = new DlqAlarms("webhooks", {
  ...{ lanes, email, https, runbookUrl, thresholds, topicKeyArn: keyArn, tags },
  api: api.watched,
});

export const { endpoints } = api;
export const dnsTarget = "domainTarget" in api ? api.domainTarget : undefined;
export const { secretNames } = secrets;
export const queueUrls = byLane(lanes, ({ queue }) => queue.url);
export const deadLetterQueueUrls = byLane(lanes, ({ deadLetterQueue }) => deadLetterQueue.url);
export const historyTable = history.table.name;
export const alarmTopicArn = topic.arn;
