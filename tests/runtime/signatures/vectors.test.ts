import { describe, expect, it } from "vitest";
import type { NameValue } from "../../../runtime/envelope/headers.js";
import { type SignedRequest, verifySignature } from "../../../runtime/signatures/verify.js";
import { signatureSchema } from "../../../settings/signatures.js";

/** A request with a signature that somebody else made, and where it was published. */
interface Vector {
  readonly from: string;
  readonly scheme: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly secret: string;
  readonly headers: readonly NameValue[];
  readonly query?: readonly NameValue[];
  readonly body: string;
  readonly signedAt?: number;
}

const slackBody =
  "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&" +
  "channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&" +
  "response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&" +
  "trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

const sendgridBody = `${JSON.stringify([
  {
    email: "hello@world.com",
    event: "dropped",
    reason: "Bounced Address",
    sg_event_id: "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",
    sg_message_id: "LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",
    "smtp-id": "<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>",
    timestamp: 1600112492,
  },
])}\r\n`;

const sendgridKey =
  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";

const twilioUrl = "https://mycompany.com/myapp.php?foo=1&bar=2";
const form: NameValue = ["Content-Type", "application/x-www-form-urlencoded"];

const vectors: Vector[] = [
  {
    from: "GitHub's documentation",
    scheme: "github",
    secret: "It's a Secret to Everybody",
    headers: [
      ["X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"],
    ],
    body: "Hello, World!",
  },
  {
    from: "Atlassian's documentation, as others quote it",
    scheme: "jira",
    secret: "It's a Secret to Everybody",
    headers: [["X-Hub-Signature", "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"]],
    body: "Hello World!",
  },
  {
    from: "Slack's documentation",
    scheme: "slack",
    secret: "8f742231b10e8888abcd99yyyzzz85a5",
    headers: [
      ["X-Slack-Request-Timestamp", "1531420618"],
      ["X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"],
    ],
    body: slackBody,
    signedAt: 1_531_420_618_000,
  },
  {
    from: "the specification of Standard Webhooks",
    scheme: "standard-webhooks",
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    headers: [
      ["webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"],
      ["webhook-timestamp", "1614265330"],
      ["webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="],
    ],
    body: '{"test": 2432232314}',
    signedAt: 1_614_265_330_000,
  },
  {
    from: "stripe 23.1.0",
    scheme: "stripe",
    secret: "whsec_test",
    headers: [
      [
        "Stripe-Signature",
        "t=1700000000,v1=c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925",
      ],
    ],
    body: '{"id":"evt_1"}',
    signedAt: 1_700_000_000_000,
  },
  {
    from: "@hubspot/api-client 13.5.0",
    scheme: "hubspot",
    settings: { publicUrl: "https://x.test/a" },
    secret: "s",
    headers: [
      ["X-HubSpot-Request-Timestamp", "1700000000000"],
      ["X-HubSpot-Signature-v3", "ikeUBg+6+XMb7Sx9ZRB5XpDDpriiFehpz5FPlJ0L1/s="],
    ],
    body: "[]",
    signedAt: 1_700_000_000_000,
  },
  {
    from: "@contentful/node-apps-toolkit 3.16.1",
    scheme: "contentful",
    settings: { publicUrl: "https://x.test/hook/contentful" },
    secret: "a".repeat(64),
    headers: [
      ["Content-Type", "application/json"],
      ["X-Contentful-Signed-Headers", "content-type,x-contentful-signed-headers,x-contentful-timestamp"],
      ["X-Contentful-Timestamp", "1700000000000"],
      ["X-Contentful-Signature", "554e09e4f3df7ad2d73bb065903ab4e17625290de84fb3067794ab7ab3ea0c88"],
    ],
    body: "{}",
    signedAt: 1_700_000_000_000,
  },
  {
    from: "@adyen/api-library 32.1.0",
    scheme: "adyen",
    secret: "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00",
    headers: [],
    body: JSON.stringify({
      notificationItems: [
        {
          NotificationRequestItem: {
            pspReference: "pspReference",
            originalReference: "originalReference",
            merchantAccountCode: "merchantAccount",
            merchantReference: "reference",
            amount: { value: 1000, currency: "EUR" },
            eventCode: "EVENT",
            success: "true",
            additionalData: { hmacSignature: "ipnxGCaUZ4l8TUW75a71/ghd2Fe5ffvX0pV4TLTntIc=" },
          },
        },
      ],
    }),
  },
  {
    from: "the tests of @sendgrid/eventwebhook 8.0.0",
    scheme: "sendgrid",
    secret: sendgridKey,
    headers: [
      ["X-Twilio-Email-Event-Webhook-Timestamp", "1600112502"],
      [
        "X-Twilio-Email-Event-Webhook-Signature",
        "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=",
      ],
    ],
    body: sendgridBody,
  },
  {
    from: "the tests of twilio-node, a form",
    scheme: "twilio",
    settings: { publicUrl: twilioUrl },
    secret: "12345",
    headers: [form, ["X-Twilio-Signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8="]],
    body: "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212",
  },
  {
    from: "the tests of twilio-node, a field that occurs more than once",
    scheme: "twilio",
    settings: { publicUrl: twilioUrl },
    secret: "12345",
    headers: [form, ["X-Twilio-Signature", "IK+Dwps556ElfBT0I3Rgjkr1wJU="]],
    body: "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234",
  },
  {
    from: "the tests of twilio-node, JSON",
    scheme: "twilio",
    settings: { publicUrl: twilioUrl },
    secret: "12345",
    headers: [["X-Twilio-Signature", "a9nBmqA0ju/hNViExpshrM61xv4="]],
    query: [
      ["foo", "1"],
      ["bar", "2"],
      ["bodySHA256", "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"],
    ],
    body: '{"property": "value", "boolean": true}',
  },
];

describe.each(vectors)("$scheme, from $from", ({ scheme, settings, secret, body, ...vector }) => {
  const { signature } = signatureSchema.parse({ scheme, ...settings });
  const request: SignedRequest = {
    method: "POST",
    headers: vector.headers,
    query: vector.query ?? [],
    body: Buffer.from(body),
    receivedAt: vector.signedAt ?? 1_767_225_600_000,
  };

  it("is believed", async () => {
    expect(await verifySignature(signature, request, [secret])).toEqual({ verified: true });
  });

  it("is not, once its signature is changed", async () => {
    const headers = request.headers.map(([name, value]): NameValue => {
      if (!/signature$|signature-256$|signature-v3$/i.test(name)) return [name, value];
      const swapped = value.replace(
        /([A-Za-z0-9])([^A-Za-z0-9]*)$/,
        (_, last, rest) => (last === "1" ? "2" : "1") + rest,
      );
      return [name, swapped];
    });
    const changed = body.replace("ipnxGCaUZ4l8", "ipnxGCaUZ4l9");
    expect(headers.join() + changed).not.toBe(request.headers.join() + body);
    expect(
      await verifySignature(signature, { ...request, headers, body: Buffer.from(changed) }, [secret]),
    ).toMatchObject({ verified: false });
  });
});
