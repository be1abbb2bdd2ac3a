import type Stripe from "stripe";
import { fiveMinutes, hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Stripe",
  signature: hmacIn("stripe-signature", {
    content: "{timestamp}.{body}",
    separator: ",",
    prefix: "v1=",
    timestamp: { prefix: "t=", unit: "seconds", toleranceSeconds: fiveMinutes },
  }),
  secret: {
    store: "the endpoint's signing secret (whsec_…)",
    shownAt: "Dashboard, Developers, Webhooks, the endpoint",
  },
  eventId: ["json:id"],
  eventType: "json:type",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: notConfirmed,
    retries: "for 3 days; the order is not guaranteed",
    atTheFrontDoor: "thin events have another form, which the handler has to know",
  },
  notes: "The key is the whole `whsec_…` text.",
  unconfirmed: ["the retries", "where the secret is shown"],
  links: ["https://docs.stripe.com/webhooks#verify-manually"],
  sample: {
    body: '{"id":"evt_1NG8Du2eZvKYlo2CUI79vXWy","object":"event","type":"invoice.paid","data":{"object":{"id":"in_1MtHbELkdIwHu7ixl4OzzPMv"}}}',
    eventId: "evt_1NG8Du2eZvKYlo2CUI79vXWy",
    eventType: "invoice.paid",
  },
} satisfies Provider;

declare module "../runtime/define-handler.js" {
  interface ProviderEvents {
    /** Snapshot events. The package `stripe` has the types of the API's version that it is made for. */
    stripe: { [Event in Stripe.Event as Event["type"]]: Event };
  }
}
