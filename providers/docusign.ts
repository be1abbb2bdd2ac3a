import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Docusign Connect",
  signature: hmacIn(
    Array.from({ length: 10 }, (_, index) => `x-docusign-signature-${index + 1}`),
    { encoding: "base64" },
  ),
  secret: {
    store: "a Connect HMAC key of the account",
    shownAt: "Connect, Manage Keys, Add Secret Key; once",
  },
  eventId: ["body-without:json:retryCount"],
  eventType: notConfirmed,
  handshake: { kind: notConfirmed },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  notes:
    "Each active key of the account signs, in a header of its own. The body counts the tries in `retryCount`, so the event id is made without it.",
  unconfirmed: [
    "more than 10 keys",
    "that a retry differs in `retryCount` alone",
    "where the secret is shown",
  ],
  links: [
    "https://developers.docusign.com/platform/webhooks/connect/validate/",
    "https://developers.docusign.com/platform/webhooks/connect/json-sim-event-model",
  ],
  sample: {
    body: '{"event":"envelope-completed","retryCount":0,"generatedDateTime":"2026-01-01T00:00:00.0000000Z","data":{"envelopeId":"9e02a93d-1c3f-4c4b-a7c4-5c0c3f2f4d4e"}}',
  },
} satisfies Provider;
