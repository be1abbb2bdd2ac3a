import { fiveMinutes, hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Zendesk",
  signature: hmacIn("x-zendesk-webhook-signature", {
    encoding: "base64",
    content: "{timestamp}{body}",
    timestamp: {
      header: "x-zendesk-webhook-signature-timestamp",
      unit: "rfc3339",
      toleranceSeconds: fiveMinutes,
    },
  }),
  secret: {
    store: "the webhook's signing secret",
    shownAt: "Admin Center, Webhooks, the webhook, Reveal secret",
  },
  eventId: ["header:x-zendesk-webhook-invocation-id", "request-id"],
  eventType: "json:type",
  handshake: { kind: notConfirmed },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  notes:
    "A trigger's body is free, so equal bodies may be different events. Without an id each request is an event of its own.",
  unconfirmed: [
    "a window (5 minutes are ours)",
    "that a retry keeps its invocation id",
    "where the secret is shown",
  ],
  links: ["https://developer.zendesk.com/documentation/webhooks/verifying/"],
  sample: {
    headers: { "X-Zendesk-Webhook-Invocation-Id": "01HG8VQXB0EZJ0Z2ZPVH1V9X5C" },
    body: '{"type":"zen:event-type:user.created","id":"cbe4028c-7239-495d-b020-f22348516046"}',
    eventId: "01HG8VQXB0EZJ0Z2ZPVH1V9X5C",
    eventType: "zen:event-type:user.created",
  },
} satisfies Provider;
