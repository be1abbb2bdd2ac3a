import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "PayPal",
  signature: { kind: "paypal" },
  secret: {
    store: "PEM of the certificate at PAYPAL-CERT-URL",
    shownAt: "at the address in the header `PAYPAL-CERT-URL`",
  },
  eventId: ["json:id"],
  eventType: "json:event_type",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: notConfirmed,
    retries: "25 times in 3 days",
    atTheFrontDoor: "the certificate is stored, not fetched",
  },
  notes:
    "The certificate is not fetched from the address in the request. Store the PEM that is there now, and add the next one when PayPal changes it. Webhooks in between are rejected and can be replayed. PayPal's CRC-32 binds the body only weakly: with a genuine request one could make another body with the same checksum. `SHA1withRSA` is not accepted.",
  unconfirmed: ["the current documentation's words", "read from PayPal's archived SDK", "the retries"],
  links: ["https://developer.paypal.com/api/rest/webhooks/rest/"],
  sample: {
    body: '{"id":"WH-2WR32451HC0233532-67976317FL4543714","event_type":"PAYMENT.SALE.COMPLETED","resource":{"id":"80021663DE681814L"}}',
    eventId: "WH-2WR32451HC0233532-67976317FL4543714",
    eventType: "PAYMENT.SALE.COMPLETED",
  },
} satisfies Provider;
