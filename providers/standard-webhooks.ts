import { standardWebhooks } from "./support/hmac.js";
import type { Provider } from "./support/provider.js";

export default {
  displayName: "Standard Webhooks (Replicate and others)",
  signature: standardWebhooks("webhook"),
  secret: { store: "the signing secret (whsec_…)", shownAt: "depends on who sends" },
  eventId: ["header:webhook-id"],
  eventType: "json:type",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: "15 to 30 s",
    retries: "for some days; 410 stops them, 429 slows them down",
    atTheFrontDoor: "it never answers 410",
  },
  notes: "For every sender that follows the standard and has no file of its own.",
  unconfirmed: [],
  links: ["https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"],
  sample: {
    headers: { "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek" },
    body: '{"type":"contact.created","timestamp":"2026-01-01T00:00:00Z","data":{"id":"1f81eb52"}}',
    eventId: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    eventType: "contact.created",
  },
} satisfies Provider;
