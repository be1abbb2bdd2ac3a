import { standardWebhooks } from "./support/hmac.js";
import type { Provider } from "./support/provider.js";

export default {
  displayName: "OpenAI",
  signature: standardWebhooks("webhook"),
  secret: { store: "the webhook's signing secret (whsec_…)", shownAt: "when the endpoint is created, once" },
  eventId: ["header:webhook-id"],
  eventType: "json:type",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: "15 to 30 s",
    retries: "for some days; 410 stops them, 429 slows them down",
    atTheFrontDoor: "it never answers 410",
  },
  unconfirmed: ["where the secret is shown"],
  links: ["https://platform.openai.com/docs/guides/webhooks"],
  sample: {
    headers: { "webhook-id": "wh_685342e6c53c8190a1be43f081506c52" },
    body: '{"object":"event","id":"evt_685343a1381c819085d44c354e1b330e","type":"response.completed","data":{"id":"resp_abc123"}}',
    eventId: "wh_685342e6c53c8190a1be43f081506c52",
    eventType: "response.completed",
  },
} satisfies Provider;
