import type { Provider } from "./support/provider.js";

export default {
  displayName: "GitLab (secret token)",
  signature: { kind: "token", header: "x-gitlab-token" },
  secret: { store: "the webhook's secret token", shownAt: "you choose it when you set the webhook up" },
  eventId: ["header:idempotency-key"],
  eventType: "header:x-gitlab-event",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: "10 s",
    retries: "after 5xx, 1 minute to 24 hours apart; **4xx turns the webhook off**",
    atTheFrontDoor: "that is why SQS's refusals become 502",
  },
  notes:
    "Different events of one action share `X-Gitlab-Event-UUID`, so it is no event id. Prefer `gitlab-signed`, unless your GitLab knows only the token: the token proves nothing about the body.",
  unconfirmed: [],
  links: ["https://docs.gitlab.com/user/project/integrations/webhooks/"],
  sample: {
    headers: { "X-Gitlab-Event": "Push Hook", "Idempotency-Key": "f5e5f430-f57b-4e6e-9fac-d9128cd7232f" },
    body: '{"object_kind":"push","project_id":15}',
    eventId: "f5e5f430-f57b-4e6e-9fac-d9128cd7232f",
    eventType: "Push Hook",
  },
} satisfies Provider;
