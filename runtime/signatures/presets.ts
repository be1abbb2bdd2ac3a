import type { Locator, SignatureDefinition } from "../definition.js";

/** What is known of a provider: how it signs, and where it puts the id of the event. */
export interface Preset {
  readonly signature: SignatureDefinition;
  readonly eventId: readonly Locator[];
}

const utf8Key = { encoding: "utf8" } as const;

/**
 * The providers that a stage can name. Plain data: the program's settings read it as well as the function. Tests check
 * each one against the provider's own SDK, where there is one.
 */
export const presets: Readonly<Record<string, Preset>> = {
  /** docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
  github: {
    signature: {
      kind: "hmac",
      hash: "sha256",
      encoding: "hex",
      header: "x-hub-signature-256",
      prefix: "sha256=",
      content: "{body}",
      key: utf8Key,
    },
    eventId: ["header:x-github-delivery"],
  },

  /** docs.stripe.com/webhooks#verify-manually; the key is the whole `whsec_…` text. */
  stripe: {
    signature: {
      kind: "hmac",
      hash: "sha256",
      encoding: "hex",
      header: "stripe-signature",
      separator: ",",
      prefix: "v1=",
      content: "{timestamp}.{body}",
      timestamp: { prefix: "t=", unit: "seconds", toleranceSeconds: 300 },
      key: utf8Key,
    },
    eventId: ["json:id"],
  },

  /** docs.slack.dev/authentication/verifying-requests-from-slack */
  slack: {
    signature: {
      kind: "hmac",
      hash: "sha256",
      encoding: "hex",
      header: "x-slack-signature",
      prefix: "v0=",
      content: "v0:{timestamp}:{body}",
      timestamp: { header: "x-slack-request-timestamp", unit: "seconds", toleranceSeconds: 300 },
      key: utf8Key,
    },
    eventId: ["json:event_id"],
  },

  /** shopify.dev/docs/apps/build/webhooks/verify-deliveries; its page on duplicates names the event id. */
  shopify: {
    signature: {
      kind: "hmac",
      hash: "sha256",
      encoding: "base64",
      header: "x-shopify-hmac-sha256",
      content: "{body}",
      key: utf8Key,
    },
    eventId: ["header:x-shopify-event-id", "header:x-shopify-webhook-id"],
  },

  /** github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
  "standard-webhooks": {
    signature: {
      kind: "hmac",
      hash: "sha256",
      encoding: "base64",
      header: "webhook-signature",
      separator: " ",
      prefix: "v1,",
      content: "{header:webhook-id}.{timestamp}.{body}",
      timestamp: { header: "webhook-timestamp", unit: "seconds", toleranceSeconds: 300 },
      key: { prefix: "whsec_", encoding: "base64" },
    },
    eventId: ["header:webhook-id"],
  },
};
