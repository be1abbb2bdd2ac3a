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
  eventId: [],
  eventType: "json:event",
  handshake: { kind: notConfirmed },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: ["the form of the header, which other libraries agree on, and the window"],
  links: ["https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures"],
  sample: {
    body: '{"event":"invitee.created","payload":{"email":"test@example.com"}}',
    eventType: "invitee.created",
  },
} satisfies Provider;
