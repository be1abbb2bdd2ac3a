import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Jira",
  signature: hmacIn("x-hub-signature", { prefix: "sha256=" }),
  secret: { store: "the admin webhook's secret", shownAt: "you choose it when you set the webhook up" },
  eventId: ["header:x-atlassian-webhook-identifier", "body"],
  eventType: "json:webhookEvent",
  handshake: { kind: notConfirmed },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: ["the page's own words", "other libraries agree"],
  links: ["https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks"],
  sample: {
    headers: { "X-Atlassian-Webhook-Identifier": "3a1f2b4c-5d6e-7f80-9a0b-1c2d3e4f5a6b" },
    body: '{"webhookEvent":"jira:issue_created","issue":{"key":"SHOP-1"}}',
    eventId: "3a1f2b4c-5d6e-7f80-9a0b-1c2d3e4f5a6b",
    eventType: "jira:issue_created",
  },
} satisfies Provider;
