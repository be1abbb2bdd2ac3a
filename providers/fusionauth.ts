import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "FusionAuth",
  signature: { kind: "body-jwt", header: "x-fusionauth-signature-jwt", claim: "request_body_sha256" },
  secret: {
    store: "the HMAC key's secret, or PEM of the public key; that also in the settings, as publicKey",
    shownAt: notConfirmed,
  },
  eventId: ["json:event.id"],
  eventType: "json:event.type",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: ["the event id"],
  links: ["https://fusionauth.io/docs/extend/events-and-webhooks/signing"],
  sample: {
    body: '{"event":{"id":"e502168a-b469-45d9-a079-fd45f83e0406","type":"user.create.complete"}}',
    eventId: "e502168a-b469-45d9-a079-fd45f83e0406",
    eventType: "user.create.complete",
  },
} satisfies Provider;
