import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Typeform",
  signature: hmacIn("typeform-signature", { encoding: "base64", prefix: "sha256=" }),
  secret: { store: "the webhook's secret", shownAt: "you choose it when you set the webhook up" },
  eventId: ["json:event_id"],
  eventType: "json:event_type",
  handshake: { kind: notConfirmed },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: [],
  links: ["https://www.typeform.com/developers/webhooks/secure-your-webhooks/"],
  sample: {
    body: '{"event_id":"LtWXD3crgy","event_type":"form_response","form_response":{}}',
    eventId: "LtWXD3crgy",
    eventType: "form_response",
  },
} satisfies Provider;
