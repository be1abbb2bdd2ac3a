import { hmacIn } from "./support/hmac.js";
import type { Provider } from "./support/provider.js";

export default {
  displayName: "Square",
  signature: hmacIn("x-square-hmacsha256-signature", { encoding: "base64", content: "{url}{body}" }),
  secret: {
    store: "the subscription's signature key",
    shownAt: "Developer Console, the application's Webhooks, the subscription",
  },
  eventId: ["json:event_id"],
  eventType: "json:type",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: "10 s", retries: "for 24 or 72 hours; its pages differ" },
  unconfirmed: ["where the secret is shown"],
  links: ["https://developer.squareup.com/docs/webhooks/step3validate"],
  sample: {
    body: '{"merchant_id":"6SSW7HV8K2ST5","type":"payment.updated","event_id":"6a8f5f28-54a1-4eb0-a98a-3111513fd4fc","data":{}}',
    eventId: "6a8f5f28-54a1-4eb0-a98a-3111513fd4fc",
    eventType: "payment.updated",
  },
} satisfies Provider;
