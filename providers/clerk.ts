import { standardWebhooks } from "./support/hmac.js";
import type { Provider } from "./support/provider.js";

export default {
  displayName: "Clerk",
  signature: standardWebhooks("svix"),
  secret: {
    store: "the endpoint's signing secret (whsec_…)",
    shownAt: "Clerk Dashboard, Webhooks, the endpoint",
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
  unconfirmed: [],
  links: ["https://clerk.com/docs/webhooks/sync-data"],
  sample: {
    headers: { "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek" },
    body: '{"type":"user.created","object":"event","data":{"id":"user_29w83sxmDNGwOuEthce5gg56FcC"}}',
    eventId: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    eventType: "user.created",
  },
} satisfies Provider;
