import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Shopify Events",
  signature: hmacIn("shopify-hmac-sha256", { encoding: "base64" }),
  secret: { store: "the app's client secret", shownAt: "Dev Dashboard, Apps, the app's Settings" },
  eventId: ["header:shopify-webhook-id"],
  eventType: notConfirmed,
  handshake: { kind: notConfirmed },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: ["a developer preview", "names may change"],
  links: [
    "https://shopify.dev/docs/apps/build/events/verify-deliveries",
    "https://shopify.dev/docs/apps/build/authentication-authorization/client-secrets",
  ],
  sample: {
    headers: { "shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043" },
    body: '{"topic":"Product","action":"update"}',
    eventId: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
  },
} satisfies Provider;
