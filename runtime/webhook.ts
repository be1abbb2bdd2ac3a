/** A webhook as its handler sees it, for handlers and their tests. */
export { InvalidWebhookError, Webhook, type WebhookValues } from "./envelope/webhook.js";
