import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Asana",
  signature: hmacIn("x-hook-signature"),
  secret: {
    store: "the X-Hook-Secret of the webhook's handshake",
    shownAt: "in the handshake's `X-Hook-Secret`, once",
  },
  eventId: ["body"],
  eventType: "none",
  handshake: { kind: "asana" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: [],
  links: ["https://developers.asana.com/reference/createwebhook"],
  sample: { body: '{"events":[{"action":"changed","resource":{"gid":"1337","resource_type":"task"}}]}' },
} satisfies Provider;
