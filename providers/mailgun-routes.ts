import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Mailgun (routes, inbound mail)",
  signature: {
    kind: "hmac",
    hash: "sha256",
    encoding: "hex",
    form: "signature",
    content: "{timestamp}{form:token}",
    timestamp: { form: "timestamp", unit: "seconds" },
    key: { encoding: "utf8" },
  },
  secret: {
    store: "the account's HTTP webhook signing key",
    shownAt: "`GET /v5/accounts/http_signing_key` of its API",
  },
  eventId: ["form:token"],
  eventType: "none",
  handshake: { kind: "none" },
  contentTypes: ["application/x-www-form-urlencoded", "multipart/form-data"],
  delivery: {
    answerTimeout: notConfirmed,
    retries: "for 8 hours, 10 minutes to 4 hours apart; 406 stops them",
    atTheFrontDoor: "mail with attachments comes as `multipart/form-data`; above 780 KB it is answered 413",
  },
  notes:
    "For the `forward` and `store` actions of routes. Events about mail that you sent are `mailgun`. Only time and token are signed, *not the mail*. The event id is the token, so no signature counts twice.",
  unconfirmed: ["that a retry keeps its token", "where the secret is shown"],
  links: [
    "https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks",
    "https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http",
  ],
  sample: {
    body: "recipient=shop%40example.com&sender=bob%40example.com&subject=Gr%C3%BC%C3%9Fe&token=e0b5477167110d68991efc6b9f89f0a11066af27834600e123",
    eventId: "e0b5477167110d68991efc6b9f89f0a11066af27834600e123",
  },
} satisfies Provider;
