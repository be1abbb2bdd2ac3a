import { hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Dropbox",
  signature: hmacIn("x-dropbox-signature"),
  secret: { store: "the app secret", shownAt: "App Console, the app's Settings" },
  eventId: ["request-id"],
  eventType: "none",
  handshake: { kind: "dropbox" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  notes:
    "The body names accounts and nothing else, so the same bytes come again for every change. Each request is an event of its own.",
  unconfirmed: ["where the secret is shown"],
  links: ["https://github.com/dropbox/mdwebhook/blob/master/app.py"],
  sample: { body: '{"list_folder":{"accounts":["dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc"]}}' },
} satisfies Provider;
