import { hmacIn } from "./support/hmac.js";
import type { Provider } from "./support/provider.js";

export default {
  displayName: "Zoom",
  signature: hmacIn("x-zm-signature", {
    content: "v0:{timestamp}:{body}",
    prefix: "v0=",
    timestamp: { header: "x-zm-request-timestamp", unit: "seconds" },
  }),
  secret: { store: "the app's secret token", shownAt: "App Marketplace, the app" },
  eventId: ["body"],
  eventType: "json:event",
  handshake: {
    kind: "not served",
    question: "`endpoint.url_validation` expects an HMAC of its token in the answer, again every 72 hours",
    why: "the answer has to be computed",
    instead: "answer it elsewhere; `zoom` checks the events themselves",
  },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: "3 s", retries: "3 times: after 5, 20 and 60 minutes" },
  unconfirmed: ["seconds as the unit of the time", "where the secret is shown"],
  links: ["https://developers.zoom.us/docs/api/webhooks/#verify-webhook-events"],
  sample: {
    body: '{"event":"meeting.started","event_ts":1767225600000,"payload":{"object":{"id":"94463612345"}}}',
    eventType: "meeting.started",
  },
} satisfies Provider;
