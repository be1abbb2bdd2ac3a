import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Intercom",
  signature: hmacIn("x-hub-signature", { hash: "sha1", prefix: "sha1=" }),
  secret: { store: "the app's client secret", shownAt: "Developer Hub, the app's Basic information" },
  eventId: ["json:id"],
  eventType: "json:topic",
  handshake: { kind: "intercom" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  unconfirmed: ["the name of the secret", "where the secret is shown", "that a HEAD asks for the URL"],
  links: ["https://developers.intercom.com/docs/webhooks/webhook-notifications"],
  sample: {
    body: '{"type":"notification_event","id":"notif_ccd8a4d0-f965-11e3-a367-c779cae3e1b3","topic":"conversation.user.created","data":{}}',
    eventId: "notif_ccd8a4d0-f965-11e3-a367-c779cae3e1b3",
    eventType: "conversation.user.created",
  },
} satisfies Provider;
