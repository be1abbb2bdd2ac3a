import { verify as githubVerify } from "@octokit/webhooks-methods";
import { LogLevel, Paddle } from "@paddle/paddle-node-sdk";
import { EventWebhook } from "@sendgrid/eventwebhook";
import { verifyKey } from "discord-interactions";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import twilio from "twilio";
import { describe, expect, it } from "vitest";
import { headerValues } from "../../../runtime/envelope/headers.js";
import { senders } from "../../support/senders/index.js";
import { defaultBody, type Sender } from "../../support/senders/sender.js";
import { twilioJson } from "../../support/senders/url-bound.js";

interface Delivery {
  readonly secret: string;
  readonly header: (name: string) => string;
  readonly body: string;
  readonly publicUrl: string;
  readonly query: string;
}

/** What each provider's own library thinks of a delivery; those that cannot sign themselves can judge our senders. */
const judges: Readonly<Record<string, (delivery: Delivery) => Promise<boolean> | boolean>> = {
  github: ({ secret, header, body }) => githubVerify(secret, body, header("x-hub-signature-256")),
  stripe: ({ secret, header, body }) =>
    Stripe.webhooks.signature?.verifyHeader(body, header("stripe-signature"), secret, 300) ?? false,
  "standard-webhooks": ({ secret, header, body }) =>
    doesNotThrow(() =>
      new Webhook(secret).verify(body, {
        "webhook-id": header("webhook-id"),
        "webhook-timestamp": header("webhook-timestamp"),
        "webhook-signature": header("webhook-signature"),
      }),
    ),
  paddle: ({ secret, header, body }) =>
    new Paddle("no key", { logLevel: LogLevel.none }).webhooks.isSignatureValid(
      body,
      secret,
      header("paddle-signature"),
    ),
  sendgrid: ({ secret, header, body }) => {
    const webhook = new EventWebhook();
    return webhook.verifySignature(
      webhook.convertPublicKeyToECDSA(secret),
      body,
      header("x-twilio-email-event-webhook-signature"),
      header("x-twilio-email-event-webhook-timestamp"),
    );
  },
  discord: ({ secret, header, body }) =>
    verifyKey(body, header("x-signature-ed25519"), header("x-signature-timestamp"), secret),
  twilio: ({ secret, header, body, publicUrl }) =>
    twilio.validateRequest(
      secret,
      header("x-twilio-signature"),
      publicUrl,
      Object.fromEntries(new URLSearchParams(body)),
    ),
  "twilio JSON": ({ secret, header, body, publicUrl, query }) =>
    twilio.validateRequestWithBody(secret, header("x-twilio-signature"), `${publicUrl}&${query}`, body),
};

describe.each(Object.entries(judges))("the sender of %s", (name, judge) => {
  const sender: Sender | undefined = name === "twilio JSON" ? twilioJson : senders[name];
  if (sender === undefined) throw new Error(`there is no sender ${name}`);

  const deliver = async (change: (body: string) => string): Promise<boolean> => {
    // The libraries look at the clock.
    const sent = await sender.send(sender.secret, Date.now(), sender.body ?? defaultBody);
    const body = sent.body ?? sender.body ?? defaultBody;
    return judge({
      secret: sender.secret,
      header: (wanted) => headerValues(sent.headers, wanted)[0] ?? "",
      body: change(body.toString()),
      publicUrl: String(sender.settings?.publicUrl),
      query: new URLSearchParams(
        (sent.query ?? []).slice(1).map(([key, value]): [string, string] => [key, value]),
      ).toString(),
    });
  };

  it("signs as the provider's library expects", async () => {
    expect(await deliver((body) => body)).toBe(true);
  });

  it("is told from a forger by it", async () => {
    expect(await deliver((body) => body.replace("e", "3")).catch(() => false)).toBe(false);
  });
});

function doesNotThrow(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
