import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Linear",
  signature: hmacIn("linear-signature", {
    timestamp: { json: "webhookTimestamp", unit: "milliseconds", toleranceSeconds: 60 },
  }),
  secret: { store: "the webhook's signing secret", shownAt: "Settings, API, Webhooks, the webhook" },
  eventId: ["header:linear-delivery"],
  eventType: "header:linear-event",
  handshake: { kind: notConfirmed },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  notes: "Only the time in the body is signed, so that is the one that is judged.",
  unconfirmed: ["the event id", "that a retry is signed anew", "where the secret is shown"],
  links: ["https://linear.app/developers/webhooks#securing-webhooks"],
  sample: {
    headers: { "Linear-Event": "Issue", "Linear-Delivery": "234d1a4e-b617-4388-90fe-adc3633d6b72" },
    body: '{"action":"create","type":"Issue","webhookTimestamp":1767225600000}',
    eventId: "234d1a4e-b617-4388-90fe-adc3633d6b72",
    eventType: "Issue",
  },
} satisfies Provider;
