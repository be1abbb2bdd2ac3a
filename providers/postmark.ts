import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Postmark",
  signature: { kind: "basic" },
  secret: {
    store: "user:password of the webhook's basic authentication",
    shownAt: "you choose it when you set the webhook up",
  },
  eventId: [],
  eventType: "json:RecordType",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: [],
  links: ["https://postmarkapp.com/developer/webhooks/webhooks-overview"],
  sample: {
    body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483"}',
    eventType: "Delivery",
  },
} satisfies Provider;
