import { hmacIn } from "./support/hmac.js";
import type { Provider } from "./support/provider.js";

export default {
  displayName: "Meta (Messenger, Instagram, WhatsApp)",
  signature: hmacIn("x-hub-signature-256", { prefix: "sha256=" }),
  secret: { store: "the app secret", shownAt: "App Dashboard, App settings, Basic" },
  eventId: ["body"],
  eventType: "none",
  handshake: { kind: "meta" },
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: "some seconds",
    retries: "up to 36 hours (Messenger) or 7 days (WhatsApp)",
    atTheFrontDoor: "one source takes the handshake's GET and the events' POST",
  },
  notes: "One request carries many events. The handler has to look at their ids.",
  unconfirmed: [
    "that two changes of one field in one second differ",
    "the retries",
    "where the secret is shown",
  ],
  links: ["https://developers.facebook.com/docs/graph-api/webhooks/getting-started"],
  sample: {
    body: '{"object":"whatsapp_business_account","entry":[{"id":"0","changes":[{"field":"messages","value":{}}]}]}',
  },
} satisfies Provider;
