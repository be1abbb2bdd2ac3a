import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Vercel",
  signature: hmacIn("x-vercel-signature", { hash: "sha1" }),
  secret: { store: "the webhook's secret, or the integration's client secret", shownAt: notConfirmed },
  eventId: ["json:id"],
  eventType: "json:type",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: ["hex as the encoding, the event id"],
  links: ["https://vercel.com/docs/webhooks/webhooks-api"],
  sample: {
    body: '{"id":"evt_5Gq3bLbCkV8","type":"deployment.created","payload":{}}',
    eventId: "evt_5Gq3bLbCkV8",
    eventType: "deployment.created",
  },
} satisfies Provider;
