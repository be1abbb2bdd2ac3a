import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Contentful",
  signature: { kind: "contentful", toleranceSeconds: 30 },
  secret: {
    store: "the space's webhook signing secret",
    shownAt: "the space's Settings, Webhooks, Settings tab, Enable request verification; once",
  },
  eventId: ["header:x-contentful-idempotency-key"],
  eventType: "header:x-contentful-topic",
  handshake: { kind: notConfirmed },
  contentTypes: ["application/vnd.contentful.management.v1+json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  notes:
    "A signed header that API Gateway drops (`content-length`) would make every webhook fail. Contentful signs its own headers and those that you configure.",
  unconfirmed: ["that every signed header passes the gateway"],
  links: [
    "https://www.contentful.com/developers/docs/extensibility/webhooks/request-verification/",
    "https://www.contentful.com/developers/docs/webhooks/headers",
  ],
  sample: {
    headers: {
      "X-Contentful-Topic": "ContentManagement.Entry.publish",
      "X-Contentful-Idempotency-Key": "3b5d5c3712955042212316173ccf37be",
    },
    body: '{"sys":{"id":"entry-1","type":"Entry"}}',
    eventId: "3b5d5c3712955042212316173ccf37be",
    eventType: "ContentManagement.Entry.publish",
  },
} satisfies Provider;
