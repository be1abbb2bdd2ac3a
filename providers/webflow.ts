import { fiveMinutes, hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Webflow",
  signature: hmacIn("x-webflow-signature", {
    content: "{timestamp}:{body}",
    timestamp: { header: "x-webflow-timestamp", unit: "milliseconds", toleranceSeconds: fiveMinutes },
  }),
  secret: { store: "the OAuth app's client secret, or the webhook's secret key", shownAt: notConfirmed },
  eventId: [["signed-time", "body"]],
  eventType: notConfirmed,
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: "3 times, 10 minutes apart" },
  notes:
    "A body about an item that was unpublished or deleted holds nothing but ids, so an item that is unpublished a second time has the same body. The signed time tells the two apart.",
  unconfirmed: ["that a retry is signed with the first time; if it is not, it is processed again"],
  links: [
    "https://developers.webflow.com/data/docs/working-with-webhooks",
    "https://developers.webflow.com/data/reference/webhooks/events/collection-item-unpublished",
  ],
  sample: { body: '{"triggerType":"form_submission","payload":{"name":"Contact Us"}}' },
} satisfies Provider;
