import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "ElevenLabs",
  signature: hmacIn("elevenlabs-signature", {
    content: "{timestamp}.{body}",
    separator: ",",
    prefix: "v0=",
    timestamp: { prefix: "t=", unit: "seconds", toleranceSeconds: 1800 },
  }),
  secret: { store: "the webhook's HMAC secret (wsec_…)", shownAt: notConfirmed },
  eventId: ["body"],
  eventType: notConfirmed,
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: "none, unless you turn them on for the webhook" },
  unconfirmed: ["the header's name, which the SDK leaves to its caller"],
  links: ["https://elevenlabs.io/docs/product-guides/administration/webhooks"],
  sample: {
    body: '{"type":"post_call_transcription","event_timestamp":1767225600,"data":{"conversation_id":"abc"}}',
  },
} satisfies Provider;
