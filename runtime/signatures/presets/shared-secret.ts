import type { Preset } from "./preset.js";

/**
 * Providers that show the secret itself. Whoever sees one request can forge others, and the body is not bound to it: use
 * the provider's signature where it has one.
 */
export const sharedSecretPresets = {
  /** X-Gitlab-Event-UUID is shared by different events of one action, and no id of either. */
  gitlab: {
    signature: { kind: "token", header: "x-gitlab-token" },
    eventId: ["header:idempotency-key"],
    secret: "the webhook's secret token",
    documentation: "https://docs.gitlab.com/user/project/integrations/webhooks/",
  },

  telegram: {
    signature: { kind: "token", header: "x-telegram-bot-api-secret-token" },
    eventId: ["json:update_id"],
    secret: "the secret_token given to setWebhook",
    documentation: "https://core.telegram.org/bots/api#setwebhook",
  },

  okta: {
    signature: { kind: "token", header: "authorization" },
    eventId: ["json:eventId"],
    secret: "the event hook's authentication secret",
    documentation: "https://developer.okta.com/docs/concepts/event-hooks/",
  },

  chargebee: {
    signature: { kind: "basic" },
    eventId: ["json:id"],
    secret: "user:password of the webhook's basic authentication",
    documentation: "https://www.chargebee.com/docs/billing/2.0/site-configuration/webhook_settings",
    unconfirmed: "the event id",
  },

  postmark: {
    signature: { kind: "basic" },
    eventId: [],
    secret: "user:password of the webhook's basic authentication",
    documentation: "https://postmarkapp.com/developer/webhooks/webhooks-overview",
  },
} as const satisfies Readonly<Record<string, Preset>>;
