import { WebhookPipeline } from "./components/webhook-pipeline.js";
import { readSettings } from "./config.js";

const pipeline = new WebhookPipeline("webhooks", readSettings());
const { endpoints, dnsTarget, secretNames, queueUrls, deadLetterQueueUrls, retries } = pipeline;
const { historyTable, alarmTopicArn, pageTopicArn, canaryConnection, dashboard, operations } = pipeline;

// One object, because Pulumi warns of each export that is undefined, and not every stage has a domain.
export default {
  endpoints,
  ...(dnsTarget === undefined ? {} : { dnsTarget }),
  secretNames,
  queueUrls,
  deadLetterQueueUrls,
  retries,
  historyTable,
  alarmTopicArn,
  ...(dashboard === undefined ? {} : { dashboard }),
  operations,
  ...(pageTopicArn === undefined ? {} : { pageTopicArn }),
  ...(canaryConnection === undefined ? {} : { canaryConnection }),
};
