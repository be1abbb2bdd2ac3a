import { hmacIn } from "./support/hmac.js";
import type { Provider } from "./support/provider.js";

export default {
  displayName: "Shopify",
  signature: hmacIn("x-shopify-hmac-sha256", { encoding: "base64" }),
  secret: { store: "the app's client secret", shownAt: "Dev Dashboard, Apps, the app's Settings" },
  eventId: ["header:x-shopify-webhook-id", "header:x-shopify-event-id"],
  eventType: "header:x-shopify-topic",
  handshake: { kind: "none" },
  missing:
    "the review of a public app sends forged webhooks and expects 401, which the front door cannot answer. Events of apps that need no review are not affected",
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: "5 s",
    retries: "8 times in 4 hours, then **the subscription is deleted**",
    atTheFrontDoor: "watch the alarms on 4xx and 5xx answers",
  },
  notes:
    "`X-Shopify-Event-Id` is the same for every subscription to a topic. With it, one endpoint would lose the second delivery, so the delivery's own id comes first.",
  unconfirmed: [],
  links: [
    "https://shopify.dev/docs/apps/build/webhooks/verify-deliveries",
    "https://shopify.dev/docs/apps/build/authentication-authorization/client-secrets",
  ],
  sample: {
    headers: {
      "X-Shopify-Topic": "orders/create",
      "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
      "X-Shopify-Event-Id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
    },
    body: '{"id":820982911946154500,"total_price":"403.00"}',
    eventId: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    eventType: "orders/create",
  },
} satisfies Provider;
