import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "local-aws";
import { expect, it } from "vitest";
import { startPipeline } from "../../local/pipeline.js";
import { root } from "../support/imports.js";

/** The events that the documentation shows, with the keys of their details. */
function documented(): { type: string; keys: string[] }[] {
  const page = readFileSync(join(root, "docs/events.md"), "utf8");
  const examples = [...page.matchAll(/^```json\n(.*?)^```/gms)].map(([, text = ""]) => JSON.parse(text));
  expect(examples).toHaveLength(5);
  return examples.map((event) => ({ type: event["detail-type"], keys: Object.keys(event.detail).sort() }));
}

it("tells a bus what happens to the pipeline, by its own client and with the functions' role", async ({
  onTestFinished,
}) => {
  const pipeline = await startPipeline({
    stack: "dev",
    overrides: {
      "webhook-pipeline:sources": [
        { name: "orders", signature: { scheme: "none" }, eventId: ["request-id"] },
        {
          name: "forms",
          signature: { scheme: "none" },
          eventId: ["request-id"],
          schema: { type: "object", required: ["email"] },
        },
        { name: "signed", signature: { scheme: "hmac", header: "x-signature" }, eventId: ["request-id"] },
        {
          name: "down",
          signature: { scheme: "none" },
          eventId: ["request-id"],
          // Nobody listens there.
          forward: { url: "http://127.0.0.1:1/", allowPrivateNetwork: true },
          breaker: { failures: 1 },
        },
        { name: "mute", signature: { scheme: "hmac", header: "x-signature" }, eventId: ["request-id"] },
      ],
      "webhook-pipeline:queue": { maxReceiveCount: 1 },
      "webhook-pipeline:alarms": { rejectedWebhooks: 3 },
      "webhook-pipeline:events": { bus: "ops" },
      "webhook-pipeline:processor": { handlersFolder: "tests/fixtures/handlers/deadly" },
    },
  });
  onTestFinished(() => pipeline.stop());
  pipeline.secrets.set("mute", " ");

  const post = async (source: string, body: object) => {
    const response = await fetch(pipeline.endpoints[source] ?? "", {
      method: "POST",
      headers: { "content-type": "application/json", "x-signature": "ab".repeat(32) },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    return ((await response.json()) as { id: string }).id;
  };
  const failed = await post("orders", { do: "fail", card: "4111" });
  const invalid = await post("forms", { name: "nobody" });
  await post("mute", {});
  await post("down", {});
  for (let forged = 0; forged < 5; forged += 1) await post("signed", {});

  const told = (type: string) => pipeline.busEvents().filter((event) => event["detail-type"] === type);
  const types = [
    "Webhook Dead-Lettered",
    "Webhook Invalid",
    "Source Without Secret",
    "Webhooks Rejected",
    "Target Left Alone",
  ];
  // Each webhook may come in a batch of its own, and three of them end in the dead-letter queue.
  const isTold = () =>
    types.every((type) => told(type).length > 0) && told("Webhook Dead-Lettered").length > 2;
  await eventually("an event of each kind", isTold, 50_000);

  const details = (type: string) => told(type).map(({ detail }) => detail);
  expect(details("Webhook Dead-Lettered")).toContainEqual(
    expect.objectContaining({
      pipeline: "webhooks",
      stage: "dev",
      source: "orders",
      requestId: failed,
      reason: "Error: told to fail",
    }),
  );
  expect(details("Webhook Invalid")).toEqual([expect.objectContaining({ requestId: invalid })]);
  expect(details("Source Without Secret")).toEqual([expect.objectContaining({ source: "mute" })]);
  expect(details("Webhooks Rejected")).toEqual([expect.objectContaining({ source: "signed" })]);
  expect(details("Target Left Alone")).toEqual([expect.objectContaining({ source: "down" })]);
  const ids = () => pipeline.queues.deadLetters().map(({ id }) => id);
  await eventually("the dead letters", () => ids().length === 3, 20_000);
  const messageIds = details("Webhook Dead-Lettered").map(
    (detail) => (detail as { messageId: string }).messageId,
  );
  expect(ids().sort()).toEqual(messageIds.sort());
  for (const { type, keys } of documented()) {
    const sent = details(type).map((detail) => Object.keys(detail as object).sort());
    expect(sent).toContainEqual(keys);
  }
  expect(JSON.stringify(pipeline.busEvents())).not.toContain("4111");

  expect((await pipeline.history()).filter(({ source }) => source === "")).toEqual([]);
  expect(pipeline.calls.filter(({ allowed }) => !allowed)).toEqual([]);
  expect(pipeline.problems).toEqual([]);
});
