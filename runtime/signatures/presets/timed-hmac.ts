import type { HmacSignature } from "../definition.js";
import { hmacIn, type Preset } from "./preset.js";

const fiveMinutes = 300;

/** The headers of Standard Webhooks, which Svix sends under a name of its own. */
function standardWebhooks(name: "webhook" | "svix"): HmacSignature {
  return hmacIn(`${name}-signature`, {
    encoding: "base64",
    separator: " ",
    prefix: "v1,",
    content: `{header:${name}-id}.{timestamp}.{body}`,
    timestamp: { header: `${name}-timestamp`, unit: "seconds", toleranceSeconds: fiveMinutes },
    key: { prefix: "whsec_", encoding: "base64" },
  });
}

/**
 * Providers that sign a time with the body. Windows are the provider's own, and reckoned from when the request arrived;
 * where the provider names none, the time is not judged unless a stage sets toleranceSeconds.
 */
export const timedHmacPresets = {
  /** The key is the whole `whsec_…` text. */
  stripe: {
    signature: hmacIn("stripe-signature", {
      separator: ",",
      prefix: "v1=",
      content: "{timestamp}.{body}",
      timestamp: { prefix: "t=", unit: "seconds", toleranceSeconds: fiveMinutes },
    }),
    eventId: ["json:id"],
    secret: "the endpoint's signing secret (whsec_…)",
    documentation: "https://docs.stripe.com/webhooks#verify-manually",
  },

  slack: {
    signature: hmacIn("x-slack-signature", {
      prefix: "v0=",
      content: "v0:{timestamp}:{body}",
      timestamp: { header: "x-slack-request-timestamp", unit: "seconds", toleranceSeconds: fiveMinutes },
    }),
    eventId: ["json:event_id"],
    secret: "the app's signing secret",
    documentation: "https://docs.slack.dev/authentication/verifying-requests-from-slack",
    unconfirmed: "that no event_id comes twice",
  },

  "standard-webhooks": {
    signature: standardWebhooks("webhook"),
    eventId: ["header:webhook-id"],
    secret: "the signing secret (whsec_…)",
    documentation:
      "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
  },

  svix: {
    signature: standardWebhooks("svix"),
    eventId: ["header:svix-id"],
    secret: "the endpoint's signing secret (whsec_…)",
    documentation: "https://docs.svix.com/receiving/verifying-payloads/how-manual",
  },

  clerk: {
    signature: standardWebhooks("svix"),
    eventId: ["header:svix-id"],
    secret: "the endpoint's signing secret (whsec_…)",
    documentation: "https://clerk.com/docs/webhooks/sync-data",
  },

  resend: {
    signature: standardWebhooks("svix"),
    eventId: ["header:svix-id"],
    secret: "the webhook's signing secret (whsec_…)",
    documentation: "https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests",
    unconfirmed: "the headers; other libraries agree",
  },

  openai: {
    signature: standardWebhooks("webhook"),
    eventId: ["header:webhook-id"],
    secret: "the webhook's signing secret (whsec_…)",
    documentation: "https://platform.openai.com/docs/guides/webhooks",
  },

  /** Signing tokens came with GitLab 19; `gitlab` is for the older secret token. */
  "gitlab-signed": {
    signature: standardWebhooks("webhook"),
    eventId: ["header:webhook-id"],
    secret: "the webhook's signing token (whsec_…)",
    documentation: "https://docs.gitlab.com/user/project/integrations/webhooks/",
    unconfirmed: "base64 as the token's encoding",
  },

  /** The SDK's window of 5 s is for checking at once; a clock that is a little off must not cost a webhook. */
  paddle: {
    signature: hmacIn("paddle-signature", {
      separator: ";",
      prefix: "h1=",
      content: "{timestamp}:{body}",
      timestamp: { prefix: "ts=", unit: "seconds", toleranceSeconds: 60 },
    }),
    eventId: ["json:event_id"],
    secret: "the notification destination's secret key (pdl_ntfset_…)",
    documentation: "https://developer.paddle.com/webhooks/about/signature-verification",
    unconfirmed: "the event id; that a retry is signed anew",
  },

  webflow: {
    signature: hmacIn("x-webflow-signature", {
      content: "{timestamp}:{body}",
      timestamp: { header: "x-webflow-timestamp", unit: "milliseconds", toleranceSeconds: fiveMinutes },
    }),
    eventId: [],
    secret: "the OAuth app's client secret, or the webhook's secret key",
    documentation: "https://developers.webflow.com/data/docs/working-with-webhooks",
  },

  elevenlabs: {
    signature: hmacIn("elevenlabs-signature", {
      separator: ",",
      prefix: "v0=",
      content: "{timestamp}.{body}",
      timestamp: { prefix: "t=", unit: "seconds", toleranceSeconds: 1800 },
    }),
    eventId: [],
    secret: "the webhook's HMAC secret (wsec_…)",
    documentation: "https://elevenlabs.io/docs/product-guides/administration/webhooks",
    unconfirmed: "the header's name, which the SDK leaves to its caller",
  },

  calendly: {
    signature: hmacIn("calendly-webhook-signature", {
      separator: ",",
      prefix: "v1=",
      content: "{timestamp}.{body}",
      timestamp: { prefix: "t=", unit: "seconds", toleranceSeconds: fiveMinutes },
    }),
    eventId: [],
    secret: "the webhook subscription's signing key",
    documentation: "https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures",
    unconfirmed: "the form of the header, which other libraries agree on, and the window",
  },

  zoom: {
    signature: hmacIn("x-zm-signature", {
      prefix: "v0=",
      content: "v0:{timestamp}:{body}",
      timestamp: { header: "x-zm-request-timestamp", unit: "seconds" },
    }),
    eventId: [],
    secret: "the app's secret token",
    documentation: "https://developers.zoom.us/docs/api/webhooks/#verify-webhook-events",
    unconfirmed: "seconds as the unit of the time",
  },

  /** The id in the body stays the same when a delivery is repeated, BOX-DELIVERY-ID does not. */
  box: {
    signature: hmacIn(["box-signature-primary", "box-signature-secondary"], {
      encoding: "base64",
      content: "{body}{timestamp}",
      timestamp: { header: "box-delivery-timestamp", unit: "rfc3339", toleranceSeconds: 600 },
    }),
    eventId: ["json:id"],
    secret: "the primary or the secondary signature key, or both",
    documentation: "https://developer.box.com/guides/webhooks/v2/signatures-v2",
  },

  /** A trigger's body is free, so that equal bodies may be different events: without an id, each request is one. */
  zendesk: {
    signature: hmacIn("x-zendesk-webhook-signature", {
      encoding: "base64",
      content: "{timestamp}{body}",
      timestamp: {
        header: "x-zendesk-webhook-signature-timestamp",
        unit: "rfc3339",
        toleranceSeconds: fiveMinutes,
      },
    }),
    eventId: ["header:x-zendesk-webhook-invocation-id", "request-id"],
    secret: "the webhook's signing secret",
    documentation: "https://developer.zendesk.com/documentation/webhooks/verifying/",
    unconfirmed: "a window (5 minutes are ours); that a retry keeps its invocation id",
  },

  /** Only the time in the body is signed, and it is in no header that counts. */
  linear: {
    signature: hmacIn("linear-signature", {
      timestamp: { json: "webhookTimestamp", unit: "milliseconds", toleranceSeconds: 60 },
    }),
    eventId: ["header:linear-delivery"],
    secret: "the webhook's signing secret",
    documentation: "https://linear.app/developers/webhooks#securing-webhooks",
    unconfirmed: "the event id; that a retry is signed anew",
  },

  /** Only time and token are signed, not the event. The token is used once, so that it makes the id. */
  mailgun: {
    signature: {
      kind: "hmac",
      hash: "sha256",
      encoding: "hex",
      json: "signature.signature",
      content: "{timestamp}{json:signature.token}",
      timestamp: { json: "signature.timestamp", unit: "seconds" },
      key: { encoding: "utf8" },
    },
    eventId: ["json:signature.token"],
    secret: "the account's HTTP webhook signing key",
    documentation: "https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks",
    unconfirmed: "that a retry keeps its token",
  },
} as const satisfies Readonly<Record<string, Preset>>;
