import { sign } from "node:crypto";
import { crc32 } from "node:zlib";
import {
  base64,
  derBase64,
  ed25519Pair,
  KeyPairs,
  p256Pair,
  pem,
  rawHex,
  rsaPair,
  type Sender,
  seconds,
} from "./sender.js";
import { bodyHash, signToken } from "./tokens.js";

const keys = new KeyPairs();

/** Payments as Adyen notifies of them, without signatures. */
const adyenNotification = (...pspReferences: string[]) => ({
  notificationItems: pspReferences.map((pspReference) => ({
    NotificationRequestItem: {
      pspReference,
      merchantAccountCode: "TestMerchant",
      merchantReference: "order-1",
      amount: { value: 1130, currency: "EUR" },
      eventCode: "AUTHORISATION",
      success: "true",
      additionalData: {} as { hmacSignature?: string },
    },
  })),
});

/** Senders of providers with public keys, or with a scheme like no other's. */
export const ownSchemeSenders: Readonly<Record<string, Sender>> = {
  sendgrid: {
    secret: keys.add(p256Pair(), derBase64),
    otherSecret: keys.add(p256Pair(), derBase64),
    send: (key, signedAt) => {
      const body = '[{"email":"hello@world.com","event":"dropped"}]\r\n';
      const content = Buffer.from(seconds(signedAt) + body);
      return {
        headers: [
          ["X-Twilio-Email-Event-Webhook-Timestamp", String(seconds(signedAt))],
          [
            "X-Twilio-Email-Event-Webhook-Signature",
            sign("sha256", content, keys.privateKeyOf(key)).toString("base64"),
          ],
        ],
        body,
      };
    },
  },
  discord: {
    secret: keys.add(ed25519Pair(), rawHex),
    otherSecret: keys.add(ed25519Pair(), rawHex),
    send: (key, signedAt, body) => ({
      headers: [
        ["X-Signature-Timestamp", String(seconds(signedAt))],
        [
          "X-Signature-Ed25519",
          sign(null, Buffer.from(seconds(signedAt) + body), keys.privateKeyOf(key)).toString("hex"),
        ],
      ],
    }),
  },
  paypal: {
    secret: keys.add(rsaPair(), pem),
    otherSecret: keys.add(rsaPair(), pem),
    settings: { webhookId: "1JE4291016473214C" },
    send: (key, signedAt, body) => {
      const time = new Date(signedAt).toISOString();
      const content = Buffer.from(`b2384410-f8d2|${time}|1JE4291016473214C|${crc32(body)}`);
      return {
        headers: [
          ["PAYPAL-TRANSMISSION-ID", "b2384410-f8d2"],
          ["PAYPAL-TRANSMISSION-TIME", time],
          ["PAYPAL-AUTH-ALGO", "SHA256withRSA"],
          ["PAYPAL-TRANSMISSION-SIG", sign("sha256", content, keys.privateKeyOf(key)).toString("base64")],
        ],
      };
    },
  },
  adyen: {
    secret: "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00",
    otherSecret: "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
    covers: "a part of the body",
    body: JSON.stringify(adyenNotification("psp-1", "psp-2")),
    send: (secret, _signedAt, body) => {
      const notification = JSON.parse(body) as ReturnType<typeof adyenNotification>;
      for (const { NotificationRequestItem: item } of notification.notificationItems) {
        const { pspReference, merchantAccountCode, merchantReference, amount, eventCode, success } = item;
        const signed = `${pspReference}::${merchantAccountCode}:${merchantReference}:${amount.value}:${amount.currency}:${eventCode}:${success}`;
        item.additionalData.hmacSignature = base64(signed, Buffer.from(secret, "hex"));
      }
      return { headers: [], body: JSON.stringify(notification) };
    },
  },
  fusionauth: {
    secret: "the provider's secret",
    otherSecret: "another secret",
    send: (secret, _signedAt, body) => ({
      headers: [
        [
          "X-FusionAuth-Signature-JWT",
          signToken(
            "HS256",
            secret,
            { request_body_sha256: bodyHash(body, "base64") },
            { typ: "JWT", kid: "key-1" },
          ),
        ],
      ],
    }),
  },
};
