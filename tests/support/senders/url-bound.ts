import { createHash } from "node:crypto";
import twilio from "twilio";
import { base64, hex, type Sender } from "./sender.js";

/** What the providers that sign it think they post to. */
export const publicUrl = "https://hooks.example.com/v1/webhooks/source?team=a%20b";
const bound = { secret: "the provider's secret", otherSecret: "another secret", settings: { publicUrl } };

const formType = "application/x-www-form-urlencoded; charset=UTF-8";

/** Senders of providers that sign the URL they post to. */
export const urlBoundSenders: Readonly<Record<string, Sender>> = {
  hubspot: {
    ...bound,
    toleranceSeconds: 300,
    send: (secret, signedAt, body) => ({
      headers: [
        ["X-HubSpot-Request-Timestamp", String(signedAt)],
        ["X-HubSpot-Signature-v3", base64(`POST${publicUrl}${body}${signedAt}`, secret)],
      ],
    }),
  },
  square: {
    ...bound,
    send: (secret, _signedAt, body) => ({
      headers: [["x-square-hmacsha256-signature", base64(publicUrl + body, secret)]],
    }),
  },
  mandrill: {
    ...bound,
    send: (secret) => {
      const events = JSON.stringify([{ event: "open", msg: { subject: "Grüße & more" } }]);
      return {
        headers: [
          ["Content-Type", formType],
          ["X-Mandrill-Signature", base64(`${publicUrl}mandrill_events${events}`, secret, "sha1")],
        ],
        body: new URLSearchParams({ mandrill_events: events }).toString(),
      };
    },
  },
  twilio: {
    ...bound,
    body: new URLSearchParams({
      SmsStatus: "delivered",
      MessageSid: "SM1",
      Body: "Grüße & 1+1=2",
    }).toString(),
    send: (secret, _signedAt, body) => {
      const fields = Object.fromEntries(new URLSearchParams(body));
      return {
        headers: [
          ["Content-Type", formType],
          ["X-Twilio-Signature", twilio.getExpectedTwilioSignature(secret, publicUrl, fields)],
        ],
      };
    },
  },
  contentful: {
    ...bound,
    secret: "a".repeat(64),
    otherSecret: "b".repeat(64),
    toleranceSeconds: 30,
    send: (secret, signedAt, body) => {
      const list = "content-type,x-contentful-signed-headers,x-contentful-timestamp";
      const type = "application/vnd.contentful.management.v1+json";
      const lines = [
        "POST",
        "/v1/webhooks/source?team%253Da%252520b",
        `content-type:${type};x-contentful-signed-headers:${list};x-contentful-timestamp:${signedAt}`,
        body,
      ];
      return {
        headers: [
          ["Content-Type", type],
          ["X-Contentful-Signed-Headers", list],
          ["X-Contentful-Timestamp", String(signedAt)],
          ["X-Contentful-Signature", hex(lines.join("\n"), secret)],
        ],
      };
    },
  },
};

/** Twilio's other form: a body that is no form, whose hash is in the query. */
export const twilioJson: Sender = {
  ...bound,
  send: (secret, _signedAt, body) => {
    const bodySha256 = createHash("sha256").update(body).digest("hex");
    const url = `${publicUrl}&bodySHA256=${bodySha256}`;
    return {
      headers: [["X-Twilio-Signature", twilio.getExpectedTwilioSignature(secret, url, {})]],
      query: [
        ["team", "a b"],
        ["bodySHA256", bodySha256],
      ],
    };
  },
};
