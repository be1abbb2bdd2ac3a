import { fiveMinutes } from "./support/hmac.js";
import type { Provider } from "./support/provider.js";

export default {
  displayName: "Plaid",
  signature: {
    kind: "jwt",
    header: "plaid-verification",
    algorithms: ["ES256"],
    keys: { kind: "plaid", url: "https://production.plaid.com/webhook_verification_key/get" },
    bodyHash: { claim: "request_body_sha256", encoding: "hex" },
    toleranceSeconds: fiveMinutes,
  },
  secret: {
    store: "client_id:secret, with which the function asks Plaid for its public keys",
    shownAt: "Plaid Dashboard, Developers, Keys",
  },
  eventId: ["request-id"],
  eventType: "json:webhook_code",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: {
    answerTimeout: "10 s",
    retries: "for 24 hours, each time after four times as long",
  },
  notes:
    "Two events can have equal bodies, so each request is an event of its own. For the sandbox set `keysUrl: https://sandbox.plaid.com/webhook_verification_key/get`. Plaid signs with the same keys for all its customers: check that `item_id` is one of yours.",
  unconfirmed: ["that a retry is signed anew", "the retries", "where the secret is shown"],
  links: ["https://plaid.com/docs/api/webhooks/webhook-verification/"],
  sample: {
    body: '{"webhook_type":"TRANSACTIONS","webhook_code":"SYNC_UPDATES_AVAILABLE","item_id":"wz666MBjYWTp2PDzzggYhM6oWWmBb","initial_update_complete":true,"environment":"production"}',
    eventType: "SYNC_UPDATES_AVAILABLE",
  },
} satisfies Provider;
