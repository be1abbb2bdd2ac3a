import { WebhookPipeline } from "./components/webhook-pipeline.js";
import { readSettings } from "./config.js";

const pipeline = new WebhookPipeline("webhooks", readSettings());

export const { endpoints, dnsTarget, secretNames, queueUrls, deadLetterQueueUrls } = pipeline;
export const { historyTable, alarmTopicArn } = pipeline;
