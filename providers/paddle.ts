import { hmacIn } from "./support/hmac.js";
import type { Provider } from "./support/provider.js";

export default {
  displayName: "Paddle",
  signature: hmacIn("paddle-signature", {
    content: "{timestamp}:{body}",
    separator: ";",
    prefix: "h1=",
    timestamp: { prefix: "ts=", unit: "seconds", toleranceSeconds: 60 },
  }),
  secret: {
    store: "the notification destination's secret key (pdl_ntfset_…)",
    shownAt: "Paddle, Developer tools, Notifications, the destination",
  },
  eventId: ["json:event_id"],
  eventType: "json:event_type",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: "5 s", retries: "60 times in 3 days" },
  notes:
    "The SDK allows 5 s, for checks that happen at once. Here it is 60 s, so that a clock that is slightly off does not cost a webhook.",
  unconfirmed: ["the event id", "that a retry is signed anew", "the retries"],
  links: [
    "https://developer.paddle.com/webhooks/about/signature-verification",
    "https://developer.paddle.com/webhooks/notification-destinations",
  ],
  sample: {
    body: '{"event_id":"evt_01hv8x29kz0t586xy6zn1a62ny","event_type":"transaction.completed","data":{"id":"txn_01hv8wptq8987qeep44cyrewp9"}}',
    eventId: "evt_01hv8x29kz0t586xy6zn1a62ny",
    eventType: "transaction.completed",
  },
} satisfies Provider;
