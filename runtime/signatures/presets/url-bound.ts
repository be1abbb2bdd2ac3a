import { hmacIn, type Preset } from "./preset.js";

/** Providers that sign the URL they post to; a stage gives it as signature.publicUrl. */
export const urlBoundPresets = {
  /** One request carries many events, whose ids are not said to be unique. */
  hubspot: {
    signature: hmacIn("x-hubspot-signature-v3", {
      encoding: "base64",
      content: "{method}{url}{body}{timestamp}",
      timestamp: { header: "x-hubspot-request-timestamp", unit: "milliseconds", toleranceSeconds: 300 },
    }),
    eventId: [],
    secret: "the app's client secret",
    documentation: "https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests",
    unconfirmed: "how escapes in the URL are signed",
  },

  square: {
    signature: hmacIn("x-square-hmacsha256-signature", { encoding: "base64", content: "{url}{body}" }),
    eventId: ["json:event_id"],
    secret: "the subscription's signature key",
    documentation: "https://developer.squareup.com/docs/webhooks/step3validate",
  },

  /** Mailchimp Transactional. */
  mandrill: {
    signature: hmacIn("x-mandrill-signature", { hash: "sha1", encoding: "base64", content: "{url}{form}" }),
    eventId: [],
    secret: "the webhook's authentication key",
    documentation:
      "https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/#authenticating-webhook-requests",
    unconfirmed: "the signed text; other libraries agree",
  },

  twilio: {
    signature: { kind: "twilio" },
    eventId: [],
    secret: "the account's auth token",
    documentation: "https://www.twilio.com/docs/usage/webhooks/webhooks-security",
  },

  contentful: {
    signature: { kind: "contentful", toleranceSeconds: 30 },
    eventId: ["header:x-contentful-idempotency-key"],
    secret: "the space's webhook signing secret",
    documentation: "https://www.contentful.com/developers/docs/extensibility/webhooks/request-verification/",
    unconfirmed: "that every signed header passes the gateway",
  },
} as const satisfies Readonly<Record<string, Preset>>;
