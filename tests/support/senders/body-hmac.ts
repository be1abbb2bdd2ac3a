import { sign } from "@octokit/webhooks-methods";
import { base64, hex, type Sender, signingBody } from "./sender.js";

const adyenKey = "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00";
const adyenOtherKey = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";

/** Senders of providers that sign the body and nothing else. */
export const bodyHmacSenders: Readonly<Record<string, Sender>> = {
  github: {
    secret: "It's a Secret to Everybody",
    otherSecret: "another",
    send: async (secret, _signedAt, body) => ({
      headers: [["X-Hub-Signature-256", await sign(secret, body)]],
    }),
  },
  shopify: signingBody("X-Shopify-Hmac-SHA256", (secret, body) => base64(body, secret)),
  "shopify-events": signingBody("shopify-hmac-sha256", (secret, body) => base64(body, secret)),
  woocommerce: signingBody("X-WC-Webhook-Signature", (secret, body) => base64(body, secret)),
  meta: signingBody("X-Hub-Signature-256", (secret, body) => `sha256=${hex(body, secret)}`),
  typeform: signingBody("Typeform-Signature", (secret, body) => `sha256=${base64(body, secret)}`),
  intercom: signingBody("X-Hub-Signature", (secret, body) => `sha1=${hex(body, secret, "sha1")}`),
  vercel: signingBody("x-vercel-signature", (secret, body) => hex(body, secret, "sha1")),
  dropbox: signingBody("X-Dropbox-Signature", (secret, body) => hex(body, secret)),
  asana: signingBody("X-Hook-Signature", (secret, body) => hex(body, secret)),
  docusign: signingBody("X-DocuSign-Signature-1", (secret, body) => base64(body, secret)),
  sentry: signingBody("Sentry-Hook-Signature", (secret, body) => hex(body, secret)),
  pagerduty: signingBody(
    "X-PagerDuty-Signature",
    (secret, body) => `v1=${hex(body, "a key on its way out")},v1=${hex(body, secret)}`,
  ),
  jira: signingBody("X-Hub-Signature", (secret, body) => `sha256=${hex(body, secret)}`),
  bitbucket: signingBody("X-Hub-Signature", (secret, body) => `sha256=${hex(body, secret)}`),
  "checkout-com": signingBody("Cko-Signature", (secret, body) => hex(body, secret)),
  x: signingBody("x-twitter-webhooks-signature", (secret, body) => `sha256=${base64(body, secret)}`),
  "adyen-platform": {
    ...signingBody("HmacSignature", (secret, body) => base64(body, Buffer.from(secret, "hex"))),
    secret: adyenKey,
    otherSecret: adyenOtherKey,
  },
};
