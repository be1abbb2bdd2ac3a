import { describe, expect, it } from "vitest";
import { providers } from "../../providers/support/known.js";
import { defineHandler } from "../../runtime/define-handler.js";
import type { NameValue } from "../../runtime/envelope/headers.js";
import { findEventId } from "../../runtime/history/event-id.js";
import { parseSettings } from "../../settings/settings.js";
import { sharedHistoryTable } from "../support/dynamodb.js";
import { startProcessor } from "../support/processor.js";
import { base64 } from "../support/senders/sender.js";
import { envelopeOf, sqsRecord } from "../support/sqs-events.js";

interface Delivery {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const publicUrl = "https://hooks.example.com/v1/webhooks/a";

/** A stage's source that names a provider and leaves the event id to it. */
function sourceOf(scheme: string) {
  const needsUrl = ["contentful", "hubspot", "mandrill", "square", "twilio"].includes(scheme);
  const signature = { scheme, ...(needsUrl ? { publicUrl } : {}) };
  // A handshake that only the stage knows has nothing to do with the id.
  const [source] = parseSettings({
    sources: [{ name: "a", signature, ...(scheme === "meta" ? { handshake: { kind: "none" } } : {}) }],
  }).sources;
  if (source === undefined) throw new Error("there is no source");
  return source.definition;
}

/** The ids of deliveries, each by a request of its own. */
function idsOf(scheme: string, ...deliveries: readonly Delivery[]): Set<string> {
  const source = sourceOf(scheme);
  const ids = deliveries.map(({ headers = {}, body }, index) =>
    findEventId(source, {
      requestId: `request-${index}`,
      headers: Object.entries(headers),
      query: [],
      body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
    }),
  );
  return new Set(ids);
}

describe("events that are two, although their bodies are equal", () => {
  it.each<[string, string, Delivery, Delivery]>([
    [
      "woocommerce",
      "a product that was deleted, and a customer with the same id",
      { headers: { "X-WC-Webhook-Topic": "product.deleted" }, body: { id: 12 } },
      { headers: { "X-WC-Webhook-Topic": "customer.deleted" }, body: { id: 12 } },
    ],
    [
      "woocommerce",
      "a product that was deleted, restored and deleted again, in one second",
      {
        headers: { "X-WC-Webhook-Topic": "product.deleted", "X-WC-Webhook-Delivery-ID": "d" },
        body: { id: 12 },
      },
      {
        headers: { "X-WC-Webhook-Topic": "product.deleted", "X-WC-Webhook-Delivery-ID": "d" },
        body: { id: 12 },
      },
    ],
    [
      "webflow",
      "an item that was unpublished, published and unpublished again",
      {
        headers: { "x-webflow-signature": "00", "x-webflow-timestamp": "1767225600000" },
        body: { triggerType: "collection_item_unpublished", payload: { id: "6321ca84df3949bfc6752327" } },
      },
      {
        headers: { "x-webflow-signature": "00", "x-webflow-timestamp": "1767225661000" },
        body: { triggerType: "collection_item_unpublished", payload: { id: "6321ca84df3949bfc6752327" } },
      },
    ],
    [
      "twilio",
      "two keys that a caller pressed",
      { headers: { "I-Twilio-Idempotency-Token": "t-1" }, body: "CallSid=CA1&Digits=1" },
      { headers: { "I-Twilio-Idempotency-Token": "t-2" }, body: "CallSid=CA1&Digits=1" },
    ],
    [
      "dropbox",
      "two changes of one account's files",
      { body: { list_folder: { accounts: ["dbid:1"] } } },
      { body: { list_folder: { accounts: ["dbid:1"] } } },
    ],
    [
      "gitlab",
      "a branch that was deleted, pushed and deleted again, by a GitLab that sends no key",
      { headers: { "X-Gitlab-Event": "Push Hook" }, body: { ref: "refs/heads/a", before: "1", after: "0" } },
      { headers: { "X-Gitlab-Event": "Push Hook" }, body: { ref: "refs/heads/a", before: "1", after: "0" } },
    ],
  ])("%s: %s", (scheme, _, one, other) => {
    expect(idsOf(scheme, one, other).size).toBe(2);
  });
});

describe("an event that the provider sends again", () => {
  it.each<[string, Delivery, Delivery]>([
    [
      "hubspot",
      {
        body: [
          { eventId: 1, occurredAt: 1767225600000, attemptNumber: 0 },
          { eventId: 2, attemptNumber: 0 },
        ],
      },
      {
        body: [
          { eventId: 1, occurredAt: 1767225600000, attemptNumber: 1 },
          { eventId: 2, attemptNumber: 1 },
        ],
      },
    ],
    [
      "docusign",
      { body: { event: "envelope-sent", retryCount: 0, data: { envelopeId: "9e02" } } },
      { body: { event: "envelope-sent", retryCount: 3, data: { envelopeId: "9e02" } } },
    ],
    [
      "twilio",
      { headers: { "I-Twilio-Idempotency-Token": "t-1" }, body: "MessageSid=SM1&MessageStatus=sent" },
      { headers: { "I-Twilio-Idempotency-Token": "t-1" }, body: "MessageSid=SM1&MessageStatus=sent" },
    ],
    [
      "intercom",
      { body: { id: "notif_1", delivery_attempts: 1 } },
      { body: { id: "notif_1", delivery_attempts: 2 } },
    ],
    ...[
      ...["adyen", "adyen-platform", "asana", "calendly", "elevenlabs", "mandrill", "meta", "postmark"],
      ...["sendgrid", "slack", "x", "zoom"],
    ].map((scheme): [string, Delivery, Delivery] => [
      scheme,
      { body: '{"time":1767225600000}' },
      { body: '{"time":1767225600000}' },
    ]),
  ])("is the same one: %s, %#", (scheme, first, again) => {
    expect(idsOf(scheme, first, again).size).toBe(1);
  });

  it("has the id that it had before ids could be made of parts, where that was right", () => {
    expect([...idsOf("zoom", { body: '{"event":"meeting.started"}' })]).toEqual([
      "body-sha256:bd32cf7c10866459ac070ab83fa66d5a9a75d4017ef1a755b0e23e3175820d12",
    ]);
    expect([...idsOf("stripe", { body: { id: "evt_1" } })]).toEqual(["evt_1"]);
    expect([...idsOf("telegram", { body: { update_id: 10000 } })]).toEqual(["10000"]);
  });
});

describe("a provider", () => {
  it.each(Object.keys(providers))("that sends an empty body is never taken to repeat itself: %s", (name) => {
    const { eventId, signature } = providers[name] ?? {};
    if (eventId === undefined || signature === undefined) throw new Error("there is no provider");
    const request = { headers: [], query: [], body: Buffer.alloc(0) };
    const ids = ["1", "2"].map((requestId) => findEventId({ eventId, signature }, { requestId, ...request }));
    expect(new Set(ids).size).toBe(2);
  });
});

describe("a WooCommerce shop's deletions", () => {
  it("are all processed, and one that SQS delivers twice is processed once", async () => {
    const secret = "It's a Secret to Everybody";
    const topics: string[] = [];
    const handler = defineHandler(async ({ headers }) => {
      topics.push(headers.get("x-wc-webhook-topic") ?? "");
    });
    const { run, outcomes } = startProcessor(
      await sharedHistoryTable(),
      { github: handler },
      { definition: { sources: [{ ...sourceOf("woocommerce"), name: "github" }] } },
    );
    const body = '{"id":12}';
    const deletion = (requestId: string, topic: string) => {
      const headers: NameValue[] = [
        ["X-WC-Webhook-Topic", topic],
        ["X-WC-Webhook-Delivery-ID", "9b4c1a0f6d7e8c5b2a3f4e5d6c7b8a90"],
        ["X-WC-Webhook-Signature", base64(body, secret)],
      ];
      return envelopeOf({ requestId, headers, body: Buffer.from(body) });
    };
    const first = deletion("a", "product.deleted");
    for (const envelope of [
      first,
      deletion("b", "customer.deleted"),
      deletion("c", "product.deleted"),
      first,
    ]) {
      await run([sqsRecord(envelope)]);
    }
    expect(topics).toEqual(["product.deleted", "customer.deleted", "product.deleted"]);
    expect(outcomes().map(({ message }) => message)).toEqual([
      "webhook processed",
      "webhook processed",
      "webhook processed",
      "webhook duplicate",
    ]);
  });
});
