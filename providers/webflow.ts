import { fiveMinutes, hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Webflow",
  signature: hmacIn("x-webflow-signature", {
    content: "{timestamp}:{body}",
    timestamp: { header: "x-webflow-timestamp", unit: "milliseconds", toleranceSeconds: fiveMinutes },
  }),
  secret: { store: "the OAuth app's client secret, or the webhook's secret key", shownAt: notConfirmed },
  eventId: [],
  eventType: notConfirmed,
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: [],
  links: ["https://developers.webflow.com/data/docs/working-with-webhooks"],
  sample: { body: '{"triggerType":"form_submission","payload":{"name":"Contact Us"}}' },
} satisfies Provider;
