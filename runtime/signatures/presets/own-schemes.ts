import type { Preset } from "./preset.js";

/** Providers with public keys, or with a scheme like no other's. */
export const ownSchemePresets = {
  /** The body is signed with its line break at the end. One request carries many events. */
  sendgrid: {
    signature: {
      kind: "public-key",
      algorithm: "ecdsa-p256-sha256",
      encoding: "base64",
      header: "x-twilio-email-event-webhook-signature",
      content: "{timestamp}{body}",
      timestamp: { header: "x-twilio-email-event-webhook-timestamp", unit: "seconds" },
    },
    eventId: [],
    secret: "the verification key; or in the settings, as publicKey",
    documentation:
      "https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features",
  },

  discord: {
    signature: {
      kind: "public-key",
      algorithm: "ed25519",
      encoding: "hex",
      header: "x-signature-ed25519",
      content: "{timestamp}{body}",
      timestamp: { header: "x-signature-timestamp", unit: "seconds" },
    },
    eventId: ["json:id"],
    secret: "the application's public key; or in the settings, as publicKey",
    documentation: "https://docs.discord.com/developers/interactions/overview",
    unconfirmed: "an event id for webhook events",
  },

  paypal: {
    signature: { kind: "paypal" },
    eventId: ["json:id"],
    secret: "PEM of the certificate at PAYPAL-CERT-URL",
    documentation: "https://developer.paypal.com/api/rest/webhooks/rest/",
    unconfirmed: "the current documentation's words; read from PayPal's archived SDK",
  },

  /** A repeated notification may carry another eventDate, so that handlers compare pspReference and eventCode. */
  adyen: {
    signature: { kind: "adyen" },
    eventId: [],
    secret: "the webhook's HMAC key, hex as shown",
    documentation:
      "https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures",
  },

  fusionauth: {
    signature: { kind: "body-jwt", header: "x-fusionauth-signature-jwt", claim: "request_body_sha256" },
    eventId: ["json:event.id"],
    secret: "the HMAC key's secret, or PEM of the public key; that also in the settings, as publicKey",
    documentation: "https://fusionauth.io/docs/extend/events-and-webhooks/signing",
    unconfirmed: "the event id",
  },
} as const satisfies Readonly<Record<string, Preset>>;
