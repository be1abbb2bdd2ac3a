import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Okta",
  signature: { kind: "token", header: "authorization" },
  secret: {
    store: "the event hook's authentication secret",
    shownAt: "you choose it when you set the webhook up",
  },
  eventId: ["json:eventId"],
  eventType: notConfirmed,
  handshake: {
    kind: "not served",
    question: "a GET expects the value of its `X-Okta-Verification-Challenge` header back as JSON",
    why: "the front door returns only Meta's and Slack's challenges",
    instead: "answer it with a small server at the URL, then point the URL here",
  },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: [],
  links: ["https://developer.okta.com/docs/concepts/event-hooks/"],
  sample: {
    body: '{"eventId":"b5a188b9-5ece-4636-b041-482ffda96311","eventType":"com.okta.event_hook","data":{"events":[]}}',
    eventId: "b5a188b9-5ece-4636-b041-482ffda96311",
  },
} satisfies Provider;
