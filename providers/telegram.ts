import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Telegram",
  signature: { kind: "token", header: "x-telegram-bot-api-secret-token" },
  secret: {
    store: "the secret_token given to setWebhook",
    shownAt: "you choose it and give it to `setWebhook`",
  },
  eventId: ["json:update_id"],
  eventType: "none",
  handshake: { kind: "none" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: "for a day or so" },
  notes: "After a week without updates the ids start again at a random number.",
  unconfirmed: ["the retries"],
  links: ["https://core.telegram.org/bots/api#setwebhook"],
  sample: { body: '{"update_id":10000,"message":{"message_id":1365,"text":"/start"}}', eventId: "10000" },
} satisfies Provider;
