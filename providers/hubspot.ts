import { fiveMinutes, hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "HubSpot",
  signature: hmacIn("x-hubspot-signature-v3", {
    encoding: "base64",
    content: "{method}{url}{body}{timestamp}",
    timestamp: { header: "x-hubspot-request-timestamp", unit: "milliseconds", toleranceSeconds: fiveMinutes },
  }),
  secret: { store: "the app's client secret", shownAt: "the app's Auth tab" },
  eventId: ["body-without:json:*.attemptNumber"],
  eventType: "none",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: notConfirmed,
    retries: "10 times in 24 hours",
    atTheFrontDoor: "up to 100 events a request; API Gateway's own URL is fine as `publicUrl`",
  },
  notes:
    "One request carries many events. The handler has to look at their ids. HubSpot says that the ids are not guaranteed to be unique. Each event counts its tries in `attemptNumber`, so the event id is made without it.",
  unconfirmed: [
    "how escapes in the URL are signed",
    "the retries",
    "that a retry carries the same events",
    "where the secret is shown",
  ],
  links: ["https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests"],
  sample: {
    body: '[{"eventId":1,"subscriptionType":"contact.creation","objectId":123,"occurredAt":1767225600000,"attemptNumber":0}]',
  },
} satisfies Provider;
