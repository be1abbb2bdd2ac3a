import { standardWebhooks } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "GitLab (signing token)",
  signature: standardWebhooks("webhook"),
  secret: { store: "the webhook's signing token (whsec_…)", shownAt: notConfirmed },
  eventId: ["header:webhook-id"],
  eventType: notConfirmed,
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: "10 s",
    retries: "after 5xx, 1 minute to 24 hours apart; **4xx turns the webhook off**",
    atTheFrontDoor: "that is why SQS's refusals become 502",
  },
  notes: "Signing tokens came with GitLab 19. `gitlab` is for the older secret token.",
  unconfirmed: ["base64 as the token's encoding"],
  links: ["https://docs.gitlab.com/user/project/integrations/webhooks/"],
  sample: {
    headers: { "X-Gitlab-Event": "Push Hook", "webhook-id": "f5e5f430-f57b-4e6e-9fac-d9128cd7232f" },
    body: '{"object_kind":"push","project_id":15}',
    eventId: "f5e5f430-f57b-4e6e-9fac-d9128cd7232f",
  },
} satisfies Provider;
