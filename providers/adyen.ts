import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Adyen (payments)",
  signature: { kind: "adyen" },
  secret: {
    store: "the webhook's HMAC key, hex as shown",
    shownAt: "Customer Area, Developers, Webhooks, the webhook",
  },
  eventId: ["body"],
  eventType: "none",
  handshake: { kind: notConfirmed },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  notes:
    "Eight fields of each item are signed, the rest of the body is not; every item must fit. A repetition may differ in `eventDate`, so compare `pspReference` and `eventCode` in the handler. `adyen-platform` is for the products that sign in a header.",
  unconfirmed: ["where the secret is shown"],
  links: ["https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures"],
  sample: {
    body: '{"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"7914073381342284","merchantAccountCode":"TestMerchant","merchantReference":"order-1","amount":{"value":1130,"currency":"EUR"},"eventCode":"AUTHORISATION","success":"true","additionalData":{}}}]}',
  },
} satisfies Provider;
