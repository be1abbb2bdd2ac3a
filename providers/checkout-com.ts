import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Checkout.com",
  signature: hmacIn("cko-signature"),
  secret: { store: "the workflow's signature key", shownAt: "you choose it when you set the webhook up" },
  eventId: ["json:id"],
  eventType: notConfirmed,
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: ["the event id", "where the secret is shown"],
  links: ["https://www.checkout.com/docs/workflows/set-up-your-webhook-receiver"],
  sample: {
    body: '{"id":"evt_c2qelfixai2u3es3ksovngkx3e","type":"payment_captured","data":{"id":"pay_mbabizu24mvu3mela5njyhpit4"}}',
    eventId: "evt_c2qelfixai2u3es3ksovngkx3e",
  },
} satisfies Provider;
