import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Mailgun",
  signature: {
    kind: "hmac",
    hash: "sha256",
    encoding: "hex",
    json: "signature.signature",
    content: "{timestamp}{json:signature.token}",
    timestamp: { json: "signature.timestamp", unit: "seconds" },
    key: { encoding: "utf8" },
  },
  secret: {
    store: "the account's HTTP webhook signing key",
    shownAt: "`GET /v5/accounts/http_signing_key` of its API",
  },
  eventId: ["json:signature.token"],
  eventType: "json:event-data.event",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: notConfirmed,
    retries: "for 8 hours; 406 stops them",
  },
  notes:
    "For events about mail that you sent. Routes, which post inbound mail, are `mailgun-routes`. Only time and token are signed, *not the event*. Anybody who sees one webhook could alter its event. The event id is the token, so no signature counts twice. Events of subaccounts are checked with the subaccount's key. For the parent account's key, describe the scheme yourself with `json: signature.parent-signature`.",
  unconfirmed: ["that a retry keeps its token", "the retries", "where the secret is shown"],
  links: ["https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks"],
  sample: {
    body: '{"signature":{"timestamp":"1767225600","token":"f0b4a6c8e2d1907355bb7e6c1a2d4f8091c3e5a7b9d0f1e2a3","signature":""},"event-data":{"event":"delivered","id":"W3X4JOhFT-OZidZGKKr9iA"}}',
    eventId: "f0b4a6c8e2d1907355bb7e6c1a2d4f8091c3e5a7b9d0f1e2a3",
    eventType: "delivered",
  },
} satisfies Provider;
