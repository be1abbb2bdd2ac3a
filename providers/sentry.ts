import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Sentry",
  signature: hmacIn("sentry-hook-signature"),
  secret: {
    store: "the integration's client secret",
    shownAt: "Settings, Developer Settings, the integration's Credentials",
  },
  eventId: ["header:request-id"],
  eventType: "header:sentry-hook-resource",
  handshake: { kind: notConfirmed },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: ["that a retry keeps its Request-ID"],
  links: ["https://docs.sentry.io/organization/integrations/integration-platform/webhooks/"],
  sample: {
    headers: { "Sentry-Hook-Resource": "issue", "Request-ID": "4f1c2c3a5b6d47e8a1b2c3d4e5f60718" },
    body: '{"action":"created","data":{"issue":{"id":"1170820242"}}}',
    eventId: "4f1c2c3a5b6d47e8a1b2c3d4e5f60718",
    eventType: "issue",
  },
} satisfies Provider;
