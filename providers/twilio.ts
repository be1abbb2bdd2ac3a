import type { Provider } from "./support/provider.js";

export default {
  displayName: "Twilio",
  signature: { kind: "twilio" },
  secret: { store: "the account's auth token", shownAt: "Console, Account Info" },
  eventId: ["header:i-twilio-idempotency-token", "body"],
  eventType: "none",
  handshake: { kind: "none" },
  missing:
    "an incoming call or message expects TwiML in the answer, which is what the caller hears or reads, and the front door has none. Status callbacks are not affected",
  contentTypes: ["application/x-www-form-urlencoded", "application/json"],
  delivery: {
    answerTimeout: "15 s",
    retries: "once if the connection fails, or as the URL's `#rc=` says",
  },
  notes:
    "A query that differs between requests cannot be known beforehand. Put what identifies a message into the path or the body, or use a source for each. `bodySHA256`, which Twilio adds for JSON, is taken from the request. Two answers in one call can have equal bodies (`Digits=1`), so the token that Twilio sends with each request, and again with its retry, comes first.",
  unconfirmed: [
    "how long it waits",
    "the token, on which Twilio's own library for agents relies",
    "where the secret is shown",
  ],
  links: [
    "https://www.twilio.com/docs/usage/webhooks/webhooks-security",
    "https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides",
  ],
  sample: {
    headers: { "I-Twilio-Idempotency-Token": "b1b9d2a4-0f4e-4a7c-9d55-3b6a1f2e8c70" },
    eventId: "b1b9d2a4-0f4e-4a7c-9d55-3b6a1f2e8c70",
    body: "MessageSid=SM1f0e8ae6ade43cb3c0ce4525424e404f&SmsStatus=delivered&Body=Gr%C3%BC%C3%9Fe+%26+1%2B1%3D2",
  },
} satisfies Provider;
