import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Twilio SendGrid",
  signature: {
    kind: "public-key",
    algorithm: "ecdsa-p256-sha256",
    encoding: "base64",
    header: "x-twilio-email-event-webhook-signature",
    content: "{timestamp}{body}",
    timestamp: { header: "x-twilio-email-event-webhook-timestamp", unit: "seconds" },
  },
  secret: {
    store: "the verification key; or in the settings, as publicKey",
    shownAt: "`GET /v3/user/webhooks/event/settings/signed/{id}` of its API",
  },
  eventId: ["body"],
  eventType: "none",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: "for 24 hours", atTheFrontDoor: "many events a request" },
  notes:
    "The body is signed with its line break at the end. One request carries many events. The handler has to look at their ids.",
  unconfirmed: ["the retries"],
  links: [
    "https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features",
    "https://www.twilio.com/docs/sendgrid/api-reference/webhooks/get-signed-event-webhooks-public-key",
  ],
  sample: { body: '[{"email":"hello@world.com","event":"dropped","sg_event_id":"ZGVsaXZlcmVk"}]\r\n' },
} satisfies Provider;
