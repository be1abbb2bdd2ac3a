import type { Provider } from "./support/provider.js";

export default {
  displayName: "Google Cloud Pub/Sub (push)",
  signature: {
    kind: "jwt",
    header: "authorization",
    prefix: "Bearer ",
    algorithms: ["RS256"],
    keys: { kind: "key-set", url: "https://www.googleapis.com/oauth2/v3/certs" },
    issuer: ["https://accounts.google.com", "accounts.google.com"],
    claims: [{ name: "email_verified", value: true }],
    needs: ["audience", "serviceAccount"],
  },
  secret: {
    store: "nothing: Google publishes the keys",
    shownAt: "the subscription's push settings show audience and service account",
  },
  eventId: ["json:message.messageId"],
  eventType: "none",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: "10 s, or the subscription's acknowledgement deadline",
    retries: "until the subscription's retention is over, 7 days unless changed",
  },
  notes:
    "The token proves who sends and nothing about the body, and is valid for up to an hour. It is never stored. Switch authentication on in the subscription. `audience` is what the subscription has, or else the URL that it posts to. The event is base64 in `message.data`.",
  unconfirmed: ["the answer timeout", "the retries"],
  links: [
    "https://docs.cloud.google.com/pubsub/docs/authenticate-push-subscriptions",
    "https://docs.cloud.google.com/pubsub/docs/push",
  ],
  sample: {
    body: '{"message":{"data":"SGVsbG8gQ2xvdWQgUHViL1N1YiE=","messageId":"2070443601311540","message_id":"2070443601311540","publishTime":"2021-02-26T19:13:55.749Z"},"subscription":"projects/myproject/subscriptions/mysubscription"}',
    eventId: "2070443601311540",
  },
} satisfies Provider;
