import type { Sender } from "./sender.js";

/** Senders that show their secret in a header. */
function showing(header: string, write = (secret: string) => secret): Sender {
  return {
    secret: "the provider's secret",
    otherSecret: "another secret",
    covers: "nothing",
    send: (secret) => ({ headers: [[header, write(secret)]] }),
  };
}

const basic: Sender = {
  ...showing("Authorization", (secret) => `Basic ${Buffer.from(secret).toString("base64")}`),
  secret: "hooks:pässword: with a colon",
  otherSecret: "hooks:another",
};

/** Senders of providers that show the secret itself. */
export const sharedSecretSenders: Readonly<Record<string, Sender>> = {
  gitlab: showing("X-Gitlab-Token"),
  telegram: showing("X-Telegram-Bot-Api-Secret-Token"),
  okta: showing("Authorization"),
  chargebee: basic,
  postmark: basic,
};
