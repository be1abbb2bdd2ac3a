import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "WooCommerce",
  signature: hmacIn("x-wc-webhook-signature", { encoding: "base64" }),
  secret: { store: "the webhook's secret", shownAt: "you choose it when you set the webhook up" },
  eventId: ["request-id"],
  eventType: "header:x-wc-webhook-topic",
  handshake: { kind: "none" },
  contentTypes: ["application/json", "application/x-www-form-urlencoded"],
  delivery: {
    answerTimeout: notConfirmed,
    retries: "**never**; the webhook is turned off after 5 failures",
    atTheFrontDoor: "its first ping is unsigned: it is answered 200 and kept as `rejected`",
  },
  notes:
    "A deletion carries the id of what was deleted and nothing else, so different events have the same body, and no header is unique: `X-WC-Webhook-Delivery-ID` is one value per second. WooCommerce never sends a webhook again, so each request is an event of its own. The first ping is unsigned and is rejected. WooCommerce expects exactly 200 for it, and gets it.",
  unconfirmed: [],
  links: [
    "https://github.com/woocommerce/woocommerce/blob/trunk/plugins/woocommerce/includes/class-wc-webhook.php",
  ],
  sample: {
    headers: { "X-WC-Webhook-Topic": "order.created" },
    body: '{"id":727,"status":"processing"}',
    eventType: "order.created",
  },
} satisfies Provider;
