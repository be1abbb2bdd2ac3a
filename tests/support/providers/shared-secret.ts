import type { Provider } from "./provider.js";

/** Senders that show their secret in a header. */
function showing(header: string, write = (secret: string) => secret): Provider {
  return {
    secret: "the provider's secret",
    otherSecret: "another secret",
    covers: "nothing",
    send: (secret) => ({ headers: [[header, write(secret)]] }),
  };
}

const basic: Provider = {
  ...showing("Authorization", (secret) => `Basic ${Buffer.from(secret).toString("base64")}`),
  secret: "hooks:pässword: with a colon",
  otherSecret: "hooks:another",
};

/** Senders for `runtime/signatures/presets/shared-secret.ts`. */
export const sharedSecretProviders: Readonly<Record<string, Provider>> = {
  gitlab: showing("X-Gitlab-Token"),
  telegram: showing("X-Telegram-Bot-Api-Secret-Token"),
  okta: showing("Authorization"),
  chargebee: basic,
  postmark: basic,
};
