import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Box",
  signature: hmacIn(["box-signature-primary", "box-signature-secondary"], {
    encoding: "base64",
    content: "{body}{timestamp}",
    timestamp: { header: "box-delivery-timestamp", unit: "rfc3339", toleranceSeconds: 600 },
  }),
  secret: {
    store: "the primary or the secondary signature key, or both",
    shownAt: "Developer Console, the app's Webhooks tab, Manage signature keys",
  },
  eventId: ["json:id"],
  eventType: "json:trigger",
  handshake: { kind: notConfirmed },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  notes: "The id in the body stays the same when a delivery is repeated. `BOX-DELIVERY-ID` does not.",
  unconfirmed: [],
  links: ["https://developer.box.com/guides/webhooks/v2/signatures-v2"],
  sample: {
    body: '{"type":"webhook_event","id":"eb0c4e06-751f-442c-86f8-fd5bb404dbec","trigger":"FILE.UPLOADED","source":{"id":"73835521473","type":"file"}}',
    eventId: "eb0c4e06-751f-442c-86f8-fd5bb404dbec",
    eventType: "FILE.UPLOADED",
  },
} satisfies Provider;
