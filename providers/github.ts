import type { EventPayloadMap } from "@octokit/webhooks-types";
import { hmacIn } from "./support/hmac.js";
import type { Provider } from "./support/provider.js";

export default {
  displayName: "GitHub",
  signature: hmacIn("x-hub-signature-256", { prefix: "sha256=" }),
  secret: { store: "the webhook's secret", shownAt: "you choose it when you set the webhook up" },
  eventId: ["header:x-github-delivery"],
  eventType: "header:x-github-event",
  handshake: { kind: "none" },
  contentTypes: ["application/json", "application/x-www-form-urlencoded"],
  delivery: {
    answerTimeout: "10 s",
    retries: "**never**; you can redeliver by hand, 3 days back",
    atTheFrontDoor: "its payloads have up to 25 MB; those above 780 KB are answered 413",
  },
  unconfirmed: [],
  links: ["https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries"],
  sample: {
    headers: { "X-GitHub-Event": "push", "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958" },
    body: '{"ref":"refs/heads/main","repository":{"full_name":"octo-org/octo-repo"}}',
    eventId: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    eventType: "push",
  },
} satisfies Provider;

declare module "../runtime/define-handler.js" {
  interface ProviderEvents {
    /** By the event's name, as `X-GitHub-Event` has it. */
    github: EventPayloadMap;
  }
}
