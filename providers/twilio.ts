import type { Provider } from "./support/provider.js";

export default {
  displayName: "Twilio",
  signature: { kind: "twilio" },
  secret: { store: "the account's auth token", shownAt: "Console, Account Info" },
  eventId: [],
  eventType: "none",
  handshake: { kind: "none" },
  contentTypes: ["application/x-www-form-urlencoded", "application/json"],
  delivery: {
    answerTimeout: "15 s",
    retries: "only as the URL's `#rc=` says",
    atTheFrontDoor:
      "for status callbacks only: for voice and SMS replies the answer is what the caller hears or reads",
  },
  notes:
    "A query that differs between requests cannot be known beforehand. Put what identifies a message into the path or the body, or use a source for each. `bodySHA256`, which Twilio adds for JSON, is taken from the request.",
  unconfirmed: ["how long it waits", "where the secret is shown"],
  links: ["https://www.twilio.com/docs/usage/webhooks/webhooks-security"],
  sample: {
    body: "MessageSid=SM1f0e8ae6ade43cb3c0ce4525424e404f&SmsStatus=delivered&Body=Gr%C3%BC%C3%9Fe+%26+1%2B1%3D2",
  },
} satisfies Provider;
