import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "PagerDuty",
  signature: hmacIn("x-pagerduty-signature", { separator: ",", prefix: "v1=" }),
  secret: {
    store: "the subscription's signing secret",
    shownAt: "in the dialogue after Integrations, Generic Webhooks (v3), New Webhook",
  },
  eventId: ["json:event.id"],
  eventType: "json:event.event_type",
  handshake: { kind: notConfirmed },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: [],
  links: [
    "https://developer.pagerduty.com/docs/verifying-webhook-signatures",
    "https://support.pagerduty.com/main/docs/webhooks",
  ],
  sample: {
    body: '{"event":{"id":"5ac64822-4adc-4fda-ade0-410becf0de4f","event_type":"incident.priority_updated","data":{}}}',
    eventId: "5ac64822-4adc-4fda-ade0-410becf0de4f",
    eventType: "incident.priority_updated",
  },
} satisfies Provider;
