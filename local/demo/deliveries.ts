import { createHmac, randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { sign } from "@octokit/webhooks-methods";
import Stripe from "stripe";
import type { Outcome } from "../../runtime/history/outcome.js";
import { shop } from "./shop.js";

/** One webhook of the demo, and its expected result. */
export interface Delivery {
  /** The row of the report that it belongs to. */
  readonly group: string;
  /** Last segment of the path that it is posted to. */
  readonly source: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** How often the sender sends it. */
  readonly times: number;
  readonly expected: {
    readonly status: number;
    /** The outcome in the history, the dead-letter queue, or nothing. */
    readonly end: Exclude<Outcome, "duplicate" | "failed"> | "dead-letter" | "refused";
  };
}

/** The package is one JSON file. Its types describe a default export that it does not have. */
const examples = createRequire(import.meta.url)("@octokit/webhooks-examples") as {
  readonly name: string;
  readonly examples: readonly object[];
}[];

/** How many webhooks of each provider are sent three times. */
const repeated = 5;

/** Everything that the demo sends, signed with the secrets of this run. */
export async function deliveries(secrets: Readonly<Record<string, string>>): Promise<Delivery[]> {
  const github = secrets.github ?? "";
  const good = { status: 200, end: "processed" } as const;
  const ping = Buffer.from('{"zen":"Design for failure.","hook_id":1}');
  const notJson = Buffer.from("payload that is not JSON");
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

  const fromGithub = await Promise.all(
    githubPayloads().map(async ({ event, body }, index) => ({
      group: index < repeated ? "GitHub, each sent three times" : "GitHub",
      source: "github",
      headers: await githubHeaders(event, body, github),
      body,
      times: index < repeated ? 3 : 1,
      expected: event === "ping" ? ({ status: 200, end: "ignored" } as const) : good,
    })),
  );
  const fromStripe = stripeEvents().map((body, index) => ({
    group: index < repeated ? "Stripe, each sent three times" : "Stripe",
    source: "stripe",
    headers: stripeHeaders(body, secrets.stripe ?? ""),
    body: Buffer.from(body),
    times: index < repeated ? 3 : 1,
    expected: good,
  }));
  return [
    ...fromGithub,
    ...fromStripe,
    ...Array.from({ length: 10 }, (_, index) => ({
      group: index < repeated ? "three subscribers, each sent three times" : "three subscribers",
      source: shop.source,
      headers: { "content-type": "application/json" },
      body: Buffer.from(JSON.stringify({ id: `order_${index}`, total: 100 * index })),
      times: index < repeated ? 3 : 1,
      expected: { status: 200, end: "distributed" } as const,
    })),
    {
      group: "forged signature",
      source: "github",
      headers: await githubHeaders("push", ping, "somebody else's secret"),
      body: ping,
      times: 1,
      expected: { status: 200, end: "rejected" },
    },
    {
      group: "body that is not JSON",
      source: "github",
      headers: await githubHeaders("push", notJson, github),
      body: notJson,
      times: 1,
      expected: { status: 200, end: "invalid" },
    },
    {
      group: "body of all 256 byte values",
      source: "binary",
      headers: {
        "content-type": "application/octet-stream",
        "x-signature": createHmac("sha256", secrets.binary ?? "")
          .update(everyByte)
          .digest("hex"),
      },
      body: everyByte,
      times: 1,
      expected: good,
    },
    {
      group: "handler that always throws",
      source: "poison",
      headers: { "content-type": "application/json" },
      body: Buffer.from('{"order":4711}'),
      times: 1,
      expected: { status: 200, end: "dead-letter" },
    },
    {
      group: "unknown source",
      source: "nobody",
      headers: { "content-type": "application/json" },
      body: Buffer.from("{}"),
      times: 1,
      expected: { status: 404, end: "refused" },
    },
    {
      group: "content type not accepted",
      source: "github",
      headers: { ...(await githubHeaders("push", ping, github)), "Content-Type": "image/png" },
      body: ping,
      times: 1,
      expected: { status: 415, end: "refused" },
    },
  ];
}

/** The first example payload of each event type that GitHub publishes. */
function githubPayloads(): { event: string; body: Buffer }[] {
  return examples.map(({ name, examples: [payload] }) => ({
    event: name,
    body: Buffer.from(JSON.stringify(payload)),
  }));
}

/** docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers */
async function githubHeaders(event: string, body: Buffer, secret: string): Promise<Record<string, string>> {
  return {
    "Content-Type": "application/json",
    "User-Agent": "GitHub-Hookshot/044aadd",
    "X-GitHub-Delivery": randomUUID(),
    "X-GitHub-Event": event,
    "X-Hub-Signature-256": await sign(secret, body.toString()),
  };
}

/** Events in Stripe's form: docs.stripe.com/api/events/object. */
function stripeEvents(): string[] {
  const types = [
    "payment_intent.succeeded",
    "charge.refunded",
    "invoice.paid",
    "customer.subscription.deleted",
    "checkout.session.completed",
    "payout.failed",
    "charge.dispute.created",
    "customer.created",
  ];
  return types.map((type, index) =>
    JSON.stringify({
      id: `evt_demo_${randomUUID()}`,
      object: "event",
      api_version: "2026-10-28",
      created: Math.floor(Date.now() / 1_000),
      type,
      data: { object: { id: `obj_${index}`, amount: 1_000 * (index + 1), currency: "eur" } },
      livemode: false,
    }),
  );
}

function stripeHeaders(payload: string, secret: string): Record<string, string> {
  return {
    "Content-Type": "application/json; charset=utf-8",
    "Stripe-Signature": Stripe.webhooks.generateTestHeaderString({ payload, secret }),
  };
}
