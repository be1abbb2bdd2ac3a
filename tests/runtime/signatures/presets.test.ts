import { createHmac } from "node:crypto";
import { sign } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import { describe, expect, it } from "vitest";
import type { HmacSignature } from "../../../runtime/definition.js";
import type { NameValue } from "../../../runtime/headers.js";
import { presets } from "../../../runtime/signatures/presets.js";
import { verifySignature } from "../../../runtime/signatures/verify.js";

const receivedAt = 1_767_225_600_000;
const body = '{"id":"evt_1","text":"grüße \u{1f600}"}';

interface Oracle {
  readonly secret: string;
  readonly otherSecret: string;
  /** Headers that the provider sends with a webhook that it signs at a time, in epoch milliseconds. */
  readonly headers: (secret: string, signedAt: number) => Promise<NameValue[]> | NameValue[];
  /** False where no time is signed. */
  readonly timed: boolean;
}

const seconds = (time: number) => Math.floor(time / 1000);

/** Each provider's own SDK as the sender, or its documented recipe where it has none that signs. */
const oracles: Record<string, Oracle> = {
  github: {
    secret: "It's a Secret to Everybody",
    otherSecret: "another",
    timed: false,
    headers: async (secret) => [["X-Hub-Signature-256", await sign(secret, body)]],
  },
  stripe: {
    secret: "whsec_8d1e7f",
    otherSecret: "whsec_other",
    timed: true,
    headers: (secret, signedAt) => [
      [
        "Stripe-Signature",
        Stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp: seconds(signedAt) }),
      ],
    ],
  },
  slack: {
    secret: "8f742231b10e8888abcd99yyyzzz85a5",
    otherSecret: "mellon",
    timed: true,
    headers: (secret, signedAt) => {
      const digest = createHmac("sha256", secret)
        .update(`v0:${seconds(signedAt)}:${body}`)
        .digest("hex");
      return [
        ["X-Slack-Request-Timestamp", String(seconds(signedAt))],
        ["X-Slack-Signature", `v0=${digest}`],
      ];
    },
  },
  shopify: {
    secret: "hush",
    otherSecret: "mellon",
    timed: false,
    headers: (secret) => [
      ["X-Shopify-Hmac-SHA256", createHmac("sha256", secret).update(body).digest("base64")],
    ],
  },
  "standard-webhooks": {
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    otherSecret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    timed: true,
    headers: (secret, signedAt) => [
      ["webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"],
      ["webhook-timestamp", String(seconds(signedAt))],
      [
        "webhook-signature",
        new Webhook(secret).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", new Date(signedAt), body),
      ],
    ],
  },
};

it("has an oracle for every preset", () => {
  expect(Object.keys(oracles)).toEqual(Object.keys(presets));
});

it("keeps its recipes right with Slack's own documented example", () => {
  const example =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&" +
    "channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&" +
    "response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&" +
    "trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
  const headers: NameValue[] = [
    ["X-Slack-Request-Timestamp", "1531420618"],
    ["X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"],
  ];
  const request = { headers, body: Buffer.from(example), receivedAt: 1_531_420_618_000 };

  expect(verifySignature(signatureOf("slack"), request, ["8f742231b10e8888abcd99yyyzzz85a5"])).toEqual({
    verified: true,
  });
});

function signatureOf(name: string): HmacSignature {
  const signature = presets[name]?.signature;
  if (signature?.kind !== "hmac") throw new Error(`${name} has no keyed hash`);
  return signature;
}

describe.each(Object.entries(oracles))("%s", (name, { secret, otherSecret, headers }) => {
  const signature = signatureOf(name);
  const verify = (
    sent: readonly NameValue[],
    { text = body, secrets = [secret] }: { text?: string | Buffer; secrets?: string[] } = {},
  ) => verifySignature(signature, { headers: sent, body: Buffer.from(text), receivedAt }, secrets);

  it("believes what the provider signed", async () => {
    expect(verify(await headers(secret, receivedAt))).toEqual({ verified: true });
  });

  it.each([
    ["upper", (text: string) => text.toUpperCase()],
    ["lower", (text: string) => text.toLowerCase()],
  ])("finds its headers in %s case", async (_, change) => {
    const sent = (await headers(secret, receivedAt)).map(([key, value]): NameValue => [change(key), value]);
    expect(verify(sent)).toEqual({ verified: true });
  });

  it("believes any of several active secrets", async () => {
    const sent = await headers(secret, receivedAt);
    expect(verify(sent, { secrets: [otherSecret, secret] })).toEqual({ verified: true });
  });

  it("turns away what another secret signed", async () => {
    expect(verify(await headers(otherSecret, receivedAt))).toMatchObject({
      verified: false,
      otherSecret: true,
    });
  });

  it("turns away a body with one bit flipped, wherever it is", async () => {
    const sent = await headers(secret, receivedAt);
    for (let position = 0; position < Buffer.byteLength(body); position++) {
      const text = Buffer.from(body);
      text.writeUInt8(text.readUInt8(position) ^ 1, position);
      expect(verify(sent, { text })).toMatchObject({ verified: false, otherSecret: true });
    }
  });

  it("turns away a webhook without any one of its headers", async () => {
    const sent = await headers(secret, receivedAt);
    for (const [missing] of sent) {
      const verification = verify(sent.filter(([key]) => key !== missing));
      expect(verification).toMatchObject({
        verified: false,
        reason: `the header ${missing.toLowerCase()} is missing`,
        otherSecret: false,
      });
    }
  });

  it("turns away a header that occurs twice, in whatever case", async () => {
    const sent = await headers(secret, receivedAt);
    for (const [repeated, value] of sent) {
      expect(verify([...sent, [repeated.toUpperCase(), value]])).toMatchObject({
        verified: false,
        reason: `the header ${repeated.toLowerCase()} occurs 2 times`,
      });
    }
  });

  it("repeats neither secret nor digest in its reasons", async () => {
    const sent = await headers(otherSecret, receivedAt - 600_000);
    const text = JSON.stringify(verify(sent));
    for (const word of [secret, otherSecret, ...sent.map(([, value]) => value)])
      expect(text).not.toContain(word);
  });
});

describe.each(Object.entries(oracles).filter(([, { timed }]) => timed))("%s", (name, { secret, headers }) => {
  it("holds the signed time against the receive time, to the second, both ways", async () => {
    const at = async (distance: number) => {
      const sent = await headers(secret, receivedAt + distance * 1000);
      return verifySignature(signatureOf(name), { headers: sent, body: Buffer.from(body), receivedAt }, [
        secret,
      ]);
    };
    expect(await at(-300)).toEqual({ verified: true });
    expect(await at(300)).toEqual({ verified: true });
    expect(await at(-301)).toMatchObject({
      verified: false,
      reason: "the signed time is 301 s before the receive time, 300 s are allowed",
      otherSecret: false,
    });
    expect(await at(301)).toMatchObject({
      verified: false,
      reason: "the signed time is 301 s after the receive time, 300 s are allowed",
    });
  });
});

it("holds a time only against schemes that sign one", () => {
  const timed = Object.keys(presets).filter((name) => signatureOf(name).timestamp !== undefined);
  expect(timed).toEqual(Object.keys(oracles).filter((name) => oracles[name]?.timed));
});
