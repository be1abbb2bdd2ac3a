import { standardWebhooks } from "./support/hmac.js";
import type { Provider } from "./support/provider.js";

export default {
  displayName: "Resend",
  signature: standardWebhooks("svix"),
  secret: {
    store: "the webhook's signing secret (whsec_…)",
    shownAt: "Webhooks, the webhook's details page",
  },
  eventId: ["header:svix-id"],
  eventType: "json:type",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: "15 to 30 s",
    retries: "for some days; 410 stops them, 429 slows them down",
    atTheFrontDoor: "it never answers 410",
  },
  unconfirmed: ["the headers", "other libraries agree"],
  links: ["https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests"],
  sample: {
    headers: { "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek" },
    body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618"}}',
    eventId: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    eventType: "email.delivered",
  },
} satisfies Provider;
