import { standardWebhooks } from "./support/hmac.js";
import type { Provider } from "./support/provider.js";

export default {
  displayName: "Svix (Brex and others)",
  signature: standardWebhooks("svix"),
  secret: { store: "the endpoint's signing secret (whsec_…)", shownAt: "the endpoint's page" },
  eventId: ["header:svix-id"],
  eventType: "json:type",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: "15 to 30 s",
    retries: "for some days; 410 stops them, 429 slows them down",
    atTheFrontDoor: "it never answers 410",
  },
  notes: "For every sender that uses Svix and has no file of its own.",
  unconfirmed: ["where the secret is shown"],
  links: ["https://docs.svix.com/receiving/verifying-payloads/how-manual"],
  sample: {
    headers: { "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek" },
    body: '{"type":"invoice.paid","data":{"id":"inv_1"}}',
    eventId: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    eventType: "invoice.paid",
  },
} satisfies Provider;
