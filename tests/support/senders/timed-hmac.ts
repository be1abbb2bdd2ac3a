import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import { base64, hex, type Sender, seconds } from "./sender.js";

const plainSecrets = { secret: "the provider's secret", otherSecret: "another secret" };

/** Senders of Standard Webhooks, by the prefix of their headers. */
function standardWebhooks(prefix: "webhook" | "svix"): Sender {
  const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  return {
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    otherSecret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    toleranceSeconds: 300,
    send: (secret, signedAt, body) => ({
      headers: [
        [`${prefix}-id`, id],
        [`${prefix}-timestamp`, String(seconds(signedAt))],
        [`${prefix}-signature`, new Webhook(secret).sign(id, new Date(signedAt), body)],
      ],
    }),
  };
}

/** Senders whose header holds the time and the signature as items of their own. */
function inOneHeader(
  header: string,
  toleranceSeconds: number,
  write: (secret: string, time: number, body: string) => string,
): Sender {
  return {
    ...plainSecrets,
    toleranceSeconds,
    send: (secret, signedAt, body) => ({ headers: [[header, write(secret, seconds(signedAt), body)]] }),
  };
}

/** Box and Zendesk write times to the second, Box with an offset. */
const rfc3339 = (time: number, offset = "Z") => new Date(time).toISOString().replace(/\.\d+Z$/, offset);

/** Senders of providers that sign a time with the body. */
export const timedHmacSenders: Readonly<Record<string, Sender>> = {
  stripe: {
    secret: "whsec_8d1e7f",
    otherSecret: "whsec_other",
    toleranceSeconds: 300,
    send: (secret, signedAt, payload) => ({
      headers: [
        [
          "Stripe-Signature",
          Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: seconds(signedAt) }),
        ],
      ],
    }),
  },
  slack: {
    secret: "8f742231b10e8888abcd99yyyzzz85a5",
    otherSecret: "mellon",
    toleranceSeconds: 300,
    send: (secret, signedAt, body) => ({
      headers: [
        ["X-Slack-Request-Timestamp", String(seconds(signedAt))],
        ["X-Slack-Signature", `v0=${hex(`v0:${seconds(signedAt)}:${body}`, secret)}`],
      ],
    }),
  },
  "standard-webhooks": standardWebhooks("webhook"),
  svix: standardWebhooks("svix"),
  clerk: standardWebhooks("svix"),
  resend: standardWebhooks("svix"),
  openai: standardWebhooks("webhook"),
  "gitlab-signed": standardWebhooks("webhook"),
  paddle: inOneHeader(
    "Paddle-Signature",
    60,
    (secret, time, body) => `ts=${time};h1=${hex(`${time}:${body}`, secret)}`,
  ),
  webflow: {
    ...plainSecrets,
    toleranceSeconds: 300,
    send: (secret, signedAt, body) => ({
      headers: [
        ["x-webflow-timestamp", String(signedAt)],
        ["x-webflow-signature", hex(`${signedAt}:${body}`, secret)],
      ],
    }),
  },
  elevenlabs: inOneHeader(
    "ElevenLabs-Signature",
    1800,
    (secret, time, body) => `t=${time},v0=${hex(`${time}.${body}`, secret)}`,
  ),
  calendly: inOneHeader(
    "Calendly-Webhook-Signature",
    300,
    (secret, time, body) => `t=${time},v1=${hex(`${time}.${body}`, secret)}`,
  ),
  zoom: {
    ...plainSecrets,
    send: (secret, signedAt, body) => ({
      headers: [
        ["x-zm-request-timestamp", String(seconds(signedAt))],
        ["x-zm-signature", `v0=${hex(`v0:${seconds(signedAt)}:${body}`, secret)}`],
      ],
    }),
  },
  box: {
    ...plainSecrets,
    toleranceSeconds: 600,
    send: (secret, signedAt, body) => {
      const time = rfc3339(signedAt - 7 * 3_600_000, "-07:00");
      return {
        headers: [
          ["BOX-DELIVERY-TIMESTAMP", time],
          ["BOX-SIGNATURE-PRIMARY", base64(body + time, secret)],
        ],
      };
    },
  },
  zendesk: {
    ...plainSecrets,
    toleranceSeconds: 300,
    send: (secret, signedAt, body) => ({
      headers: [
        ["X-Zendesk-Webhook-Signature-Timestamp", rfc3339(signedAt)],
        ["X-Zendesk-Webhook-Signature", base64(rfc3339(signedAt) + body, secret)],
      ],
    }),
  },
  linear: {
    ...plainSecrets,
    toleranceSeconds: 60,
    send: (secret, signedAt) => {
      const body = JSON.stringify({ action: "create", webhookTimestamp: signedAt });
      return { headers: [["Linear-Signature", hex(body, secret)]], body };
    },
  },
  "mailgun-routes": {
    ...plainSecrets,
    covers: "a part of the body",
    body: "recipient=shop%40example.com&subject=Gr%C3%BC%C3%9Fe",
    // documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
    send: (secret, signedAt, body) => {
      const timestamp = String(seconds(signedAt));
      const token = "e0b5477167110d68991efc6b9f89f0a11066af27834600e123";
      const signature = hex(timestamp.concat(token), secret);
      return {
        headers: [["Content-Type", "application/x-www-form-urlencoded"]],
        body: `${body}&${new URLSearchParams({ timestamp, token, signature })}`,
      };
    },
  },
  mailgun: {
    ...plainSecrets,
    covers: "a part of the body",
    send: (secret, signedAt) => {
      const token = "50 random characters, as Mailgun makes them, or so";
      const timestamp = seconds(signedAt);
      const signature = { timestamp, token, signature: hex(`${timestamp}${token}`, secret) };
      return { headers: [], body: JSON.stringify({ signature, "event-data": { event: "delivered" } }) };
    },
  },
};
