import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Chargebee",
  signature: { kind: "basic" },
  secret: {
    store: "user:password of the webhook's basic authentication",
    shownAt: "you choose it when you set the webhook up",
  },
  eventId: ["json:id"],
  eventType: "json:event_type",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: ["the event id"],
  links: ["https://www.chargebee.com/docs/billing/2.0/site-configuration/webhook_settings"],
  sample: {
    body: '{"id":"ev___test__5SK0bLNFRFuFaqltU","event_type":"subscription_created","content":{}}',
    eventId: "ev___test__5SK0bLNFRFuFaqltU",
    eventType: "subscription_created",
  },
} satisfies Provider;
