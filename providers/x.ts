import { hmacIn } from "./support/hmac.js";
import type { Provider } from "./support/provider.js";

export default {
  displayName: "X",
  signature: hmacIn("x-twitter-webhooks-signature", { encoding: "base64", prefix: "sha256=" }),
  secret: { store: "the app's consumer secret", shownAt: "Developer Portal, the app's Keys and tokens" },
  eventId: ["body"],
  eventType: "none",
  handshake: {
    kind: "not served",
    question: "the CRC, a GET with `crc_token`, expects an HMAC in the answer, hourly",
    why: "the answer has to be computed",
    instead: "answer it elsewhere; `x` checks the events themselves",
  },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: "3 s", retries: "3 times in 5 minutes, for enterprise accounts" },
  unconfirmed: ["where the secret is shown"],
  links: [
    "https://docs.x.com/x-api/webhooks/quickstart",
    "https://developer.x.com/en/docs/x-api/enterprise/account-activity-api/guides/activity-retries",
  ],
  sample: { body: '{"for_user_id":"2244994945","tweet_create_events":[]}' },
} satisfies Provider;
