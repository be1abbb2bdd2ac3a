import { hmacIn, type Preset } from "./preset.js";

/** Providers that sign the body and nothing else. What keeps a repeated request out is its event id. */
export const bodyHmacPresets = {
  github: {
    signature: hmacIn("x-hub-signature-256", { prefix: "sha256=" }),
    eventId: ["header:x-github-delivery"],
    secret: "the webhook's secret",
    documentation: "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries",
  },

  /** The event id is the same for every subscription to a topic, so that the delivery's own id comes first. */
  shopify: {
    signature: hmacIn("x-shopify-hmac-sha256", { encoding: "base64" }),
    eventId: ["header:x-shopify-webhook-id", "header:x-shopify-event-id"],
    secret: "the app's client secret",
    documentation: "https://shopify.dev/docs/apps/build/webhooks/verify-deliveries",
  },

  "shopify-events": {
    signature: hmacIn("shopify-hmac-sha256", { encoding: "base64" }),
    eventId: ["header:shopify-webhook-id"],
    secret: "the app's client secret",
    documentation: "https://shopify.dev/docs/apps/build/events/verify-deliveries",
    unconfirmed: "a developer preview; names may change",
  },

  /** No id is unique: X-WC-Webhook-Delivery-ID is one a second, whatever happened in it. */
  woocommerce: {
    signature: hmacIn("x-wc-webhook-signature", { encoding: "base64" }),
    eventId: [],
    secret: "the webhook's secret",
    documentation:
      "https://github.com/woocommerce/woocommerce/blob/trunk/plugins/woocommerce/includes/class-wc-webhook.php",
  },

  /** One request may carry several events of Messenger, Instagram or WhatsApp, so that no single id tells it. */
  meta: {
    signature: hmacIn("x-hub-signature-256", { prefix: "sha256=" }),
    eventId: [],
    secret: "the app secret",
    documentation: "https://developers.facebook.com/docs/graph-api/webhooks/getting-started",
  },

  typeform: {
    signature: hmacIn("typeform-signature", { encoding: "base64", prefix: "sha256=" }),
    eventId: ["json:event_id"],
    secret: "the webhook's secret",
    documentation: "https://www.typeform.com/developers/webhooks/secure-your-webhooks/",
  },

  intercom: {
    signature: hmacIn("x-hub-signature", { hash: "sha1", prefix: "sha1=" }),
    eventId: ["json:id"],
    secret: "the app's client secret",
    documentation: "https://developers.intercom.com/docs/webhooks/webhook-notifications",
    unconfirmed: "the name of the secret",
  },

  vercel: {
    signature: hmacIn("x-vercel-signature", { hash: "sha1" }),
    eventId: ["json:id"],
    secret: "the webhook's secret, or the integration's client secret",
    documentation: "https://vercel.com/docs/webhooks/webhooks-api",
    unconfirmed: "hex as the encoding, the event id",
  },

  /** The body names accounts and nothing else: the same bytes come again for every change. */
  dropbox: {
    signature: hmacIn("x-dropbox-signature"),
    eventId: ["request-id"],
    secret: "the app secret",
    documentation: "https://github.com/dropbox/mdwebhook/blob/master/app.py",
  },

  asana: {
    signature: hmacIn("x-hook-signature"),
    eventId: [],
    secret: "the X-Hook-Secret of the webhook's handshake",
    documentation: "https://developers.asana.com/reference/createwebhook",
  },

  /** Each active key of the account signs, in a header of its own. */
  docusign: {
    signature: hmacIn(
      Array.from({ length: 10 }, (_, index) => `x-docusign-signature-${index + 1}`),
      { encoding: "base64" },
    ),
    eventId: [],
    secret: "a Connect HMAC key of the account",
    documentation: "https://developers.docusign.com/platform/webhooks/connect/validate/",
    unconfirmed: "more than 10 keys",
  },

  sentry: {
    signature: hmacIn("sentry-hook-signature"),
    eventId: ["header:request-id"],
    secret: "the integration's client secret",
    documentation: "https://docs.sentry.io/organization/integrations/integration-platform/webhooks/",
    unconfirmed: "that a retry keeps its Request-ID",
  },

  pagerduty: {
    signature: hmacIn("x-pagerduty-signature", { separator: ",", prefix: "v1=" }),
    eventId: ["json:event.id"],
    secret: "the subscription's signing secret",
    documentation: "https://developer.pagerduty.com/docs/verifying-webhook-signatures",
  },

  jira: {
    signature: hmacIn("x-hub-signature", { prefix: "sha256=" }),
    eventId: ["header:x-atlassian-webhook-identifier"],
    secret: "the admin webhook's secret",
    documentation: "https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks",
    unconfirmed: "the page's own words; other libraries agree",
  },

  bitbucket: {
    signature: hmacIn("x-hub-signature", { prefix: "sha256=" }),
    eventId: ["header:x-request-uuid", "header:x-request-id"],
    secret: "the webhook's secret",
    documentation: "https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/",
    unconfirmed: "the header on Bitbucket Cloud; that a retry keeps its id",
  },

  "checkout-com": {
    signature: hmacIn("cko-signature"),
    eventId: ["json:id"],
    secret: "the workflow's signature key",
    documentation: "https://www.checkout.com/docs/workflows/set-up-your-webhook-receiver",
    unconfirmed: "the event id",
  },

  x: {
    signature: hmacIn("x-twitter-webhooks-signature", { encoding: "base64", prefix: "sha256=" }),
    eventId: [],
    secret: "the app's consumer secret",
    documentation: "https://docs.x.com/x-api/webhooks/quickstart",
  },

  /** Banking, Management and the other products whose signature is in a header; payments are `adyen`. */
  "adyen-platform": {
    signature: hmacIn("hmacsignature", { encoding: "base64", key: { encoding: "hex" } }),
    eventId: [],
    secret: "the webhook's HMAC key, hex as shown",
    documentation:
      "https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures",
    unconfirmed: "the header's name, from a sample of Adyen's",
  },
} as const satisfies Readonly<Record<string, Preset>>;
