import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Postmark",
  signature: { kind: "basic" },
  secret: {
    store: "user:password of the webhook's basic authentication",
    shownAt: "you choose it when you set the webhook up",
  },
  eventId: ["body"],
  eventType: "json:RecordType",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  notes:
    "A message has one delivery, and each other event names its own time, so equal bodies are one event that was sent again.",
  unconfirmed: ["that two opens of a message in one second differ"],
  links: [
    "https://postmarkapp.com/developer/webhooks/webhooks-overview",
    "https://postmarkapp.com/developer/webhooks/open-tracking-webhook",
  ],
  sample: {
    body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483"}',
    eventType: "Delivery",
  },
} satisfies Provider;
