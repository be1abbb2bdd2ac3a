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
  handshake: { kind: "okta" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: [],
  links: ["https://developer.okta.com/docs/concepts/event-hooks/"],
  sample: {
    body: '{"eventId":"b5a188b9-5ece-4636-b041-482ffda96311","eventType":"com.okta.event_hook","data":{"events":[]}}',
    eventId: "b5a188b9-5ece-4636-b041-482ffda96311",
  },
} satisfies Provider;
