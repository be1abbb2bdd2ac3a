import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Discord",
  signature: {
    kind: "public-key",
    algorithm: "ed25519",
    encoding: "hex",
    header: "x-signature-ed25519",
    content: "{timestamp}{body}",
    timestamp: { header: "x-signature-timestamp", unit: "seconds" },
  },
  secret: {
    store: "the application's public key; or in the settings, as publicKey",
    shownAt: "Developer Portal, the application's General Information",
  },
  eventId: ["json:id", "body"],
  eventType: notConfirmed,
  handshake: {
    kind: "not served",
    question:
      "a `PING` expects `PONG` or 204 at once, and a forged request 401. Discord tests this and removes the URL if it fails",
    why: "the answer depends on the signature",
    instead:
      "put a function of your own in front, which passes events on to this pipeline. `discord` is for such a forwarder",
  },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: "3 s", retries: notConfirmed },
  unconfirmed: ["an event id for webhook events", "how long it waits", "where the secret is shown"],
  links: ["https://docs.discord.com/developers/interactions/overview"],
  sample: {
    body: '{"id":"1228396834513031199","application_id":"1234560123453231555","type":2}',
    eventId: "1228396834513031199",
  },
} satisfies Provider;
