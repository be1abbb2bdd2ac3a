import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Mailchimp Transactional (Mandrill)",
  signature: hmacIn("x-mandrill-signature", { hash: "sha1", encoding: "base64", content: "{url}{form}" }),
  secret: { store: "the webhook's authentication key", shownAt: notConfirmed },
  eventId: ["body"],
  eventType: "none",
  handshake: { kind: "none" },
  contentTypes: ["application/x-www-form-urlencoded"],
  delivery: {
    answerTimeout: notConfirmed,
    retries: notConfirmed,
    atTheFrontDoor:
      "to check the URL it posts an empty list, signed with a key of its own: it is answered 200 and kept as `rejected`",
  },
  notes: "One request carries many events. The handler has to look at their ids.",
  unconfirmed: [
    "that two opens of a message in one second differ",
    "the signed text",
    "other libraries agree",
  ],
  links: [
    "https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/#authenticating-webhook-requests",
    "https://mandrill.zendesk.com/hc/en-us/articles/360038740014-Why-can-t-my-webhook-or-inbound-route-URL-be-verified",
  ],
  sample: {
    body: "mandrill_events=%5B%7B%22event%22%3A%22open%22%2C%22_id%22%3A%22fd9cf81d%22%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe+%26+more%22%7D%7D%5D",
  },
} satisfies Provider;
