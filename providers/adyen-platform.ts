import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Adyen (platform, banking, management)",
  signature: hmacIn("hmacsignature", { encoding: "base64", key: { encoding: "hex" } }),
  secret: { store: "the webhook's HMAC key, hex as shown", shownAt: notConfirmed },
  eventId: ["body"],
  eventType: notConfirmed,
  handshake: { kind: notConfirmed },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  notes: "For Banking, Management and the other products that sign in a header. Payments are `adyen`.",
  unconfirmed: ["the header's name, from a sample of Adyen's"],
  links: ["https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures"],
  sample: {
    body: '{"type":"balancePlatform.accountHolder.created","data":{"accountHolder":{"id":"AH00000000000000000000001"}}}',
  },
} satisfies Provider;
