import { fiveMinutes, hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Calendly",
  signature: hmacIn("calendly-webhook-signature", {
    content: "{timestamp}.{body}",
    separator: ",",
    prefix: "v1=",
    timestamp: { prefix: "t=", unit: "seconds", toleranceSeconds: fiveMinutes },
  }),
  secret: { store: "the webhook subscription's signing key", shownAt: notConfirmed },
  eventId: ["body"],
  eventType: "json:event",
  handshake: { kind: notConfirmed },
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: "15 s",
    retries: "for 24 hours; then the subscription is disabled, and 410 deletes it",
  },
  unconfirmed: ["the window"],
  links: [
    "https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures",
    "https://developer.calendly.com/docs/webhooks/overview",
  ],
  sample: {
    body: '{"event":"invitee.created","payload":{"email":"test@example.com"}}',
    eventType: "invitee.created",
  },
} satisfies Provider;
