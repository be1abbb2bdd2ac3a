import { fiveMinutes, hmacIn } from "./support/hmac.js";
import type { Provider } from "./support/provider.js";

export default {
  displayName: "Slack",
  signature: hmacIn("x-slack-signature", {
    content: "v0:{timestamp}:{body}",
    prefix: "v0=",
    timestamp: { header: "x-slack-request-timestamp", unit: "seconds", toleranceSeconds: fiveMinutes },
  }),
  secret: { store: "the app's signing secret", shownAt: "the app's Basic Information, App Credentials" },
  eventId: ["json:event_id", "body"],
  eventType: "json:event.type",
  handshake: { kind: "slack" },
  missing:
    "slash commands and interactivity expect an answer in words, which the front door does not give. Events are not affected",
  contentTypes: ["application/json", "application/x-www-form-urlencoded"],
  delivery: {
    answerTimeout: "3 s",
    retries: "3 times: at once, after 1 minute, after 5 minutes",
  },
  notes:
    "Commands and interactions have no `event_id`. Their bodies hold a `trigger_id` or a time, which no two of them share.",
  unconfirmed: ["that no event_id comes twice", "where the secret is shown"],
  links: ["https://docs.slack.dev/authentication/verifying-requests-from-slack"],
  sample: {
    body: '{"type":"event_callback","event_id":"Ev123ABC456","event":{"type":"app_mention","user":"U123ABC456"}}',
    eventId: "Ev123ABC456",
    eventType: "app_mention",
  },
} satisfies Provider;
