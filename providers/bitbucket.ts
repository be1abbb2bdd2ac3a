import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Bitbucket",
  signature: hmacIn("x-hub-signature", { prefix: "sha256=" }),
  secret: { store: "the webhook's secret", shownAt: "you choose it when you set the webhook up" },
  eventId: ["header:x-request-uuid", "header:x-request-id"],
  eventType: "header:x-event-key",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: notConfirmed,
    retries: notConfirmed,
    atTheFrontDoor: "Bitbucket itself drops payloads above 256 KB silently",
  },
  unconfirmed: ["the header on Bitbucket Cloud", "that a retry keeps its id"],
  links: ["https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/"],
  sample: {
    headers: { "X-Event-Key": "repo:push", "X-Request-UUID": "8ec45b9e-2a5b-4b1f-9f6e-3f1a5b0c7d2e" },
    body: '{"push":{"changes":[]},"repository":{"full_name":"team/shop"}}',
    eventId: "8ec45b9e-2a5b-4b1f-9f6e-3f1a5b0c7d2e",
    eventType: "repo:push",
  },
} satisfies Provider;
