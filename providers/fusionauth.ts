import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "FusionAuth",
  signature: {
    kind: "jwt",
    header: "x-fusionauth-signature-jwt",
    // Signing keys in FusionAuth are HMAC, RSA or EC keys.
    algorithms: [
      "HS256",
      "HS384",
      "HS512",
      "RS256",
      "RS384",
      "RS512",
      "PS256",
      "PS384",
      "PS512",
      "ES256",
      "ES384",
      "ES512",
      "EdDSA",
    ],
    bodyHash: { claim: "request_body_sha256", encoding: "base64" },
  },
  secret: {
    store:
      "the HMAC key's secret, or PEM of the public key; or in the settings, as publicKey, or as keysUrl if its public key is published",
    shownAt: "Settings, Key Master",
  },
  eventId: ["json:event.id"],
  eventType: "json:event.type",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  notes:
    "With `keysUrl: https://<your FusionAuth>/.well-known/jwks.json` a rotation of the key needs nothing here. That needs an EC or RSA key, and a FusionAuth that is reached over the public internet.",
  unconfirmed: ["the event id", "PS algorithms and EdDSA", "the retries"],
  links: ["https://fusionauth.io/docs/extend/events-and-webhooks/signing"],
  sample: {
    body: '{"event":{"id":"e502168a-b469-45d9-a079-fd45f83e0406","type":"user.create.complete"}}',
    eventId: "e502168a-b469-45d9-a079-fd45f83e0406",
    eventType: "user.create.complete",
  },
} satisfies Provider;
