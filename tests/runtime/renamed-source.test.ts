import { expect, it } from "vitest";
import { defineHandler } from "../../runtime/define-handler.js";
import type { Webhook } from "../../runtime/envelope/webhook.js";
import type { SourceDefinition } from "../../runtime/stage/definition.js";
import { sharedHistoryTable } from "../support/dynamodb.js";
import { startProcessor } from "../support/processor.js";
import { envelopeOf, sqsRecord } from "../support/sqs-events.js";

const database = await sharedHistoryTable();

const store: SourceDefinition = { name: "store", signature: { kind: "none" }, eventId: ["json:id"] };
const shop: SourceDefinition = { ...store, name: "shop", rememberedAs: "store" };
const backoff = { baseSeconds: 100, maxSeconds: 100 };

/** A webhook as the queue has it, whichever of the source's paths it came by. */
const webhook = (id: string) =>
  sqsRecord(envelopeOf({ source: "store", body: Buffer.from(`{"id":"${id}"}`) }));

it("a renamed source does not handle again what it handled under its first name", async () => {
  const [before, after]: [Webhook[], Webhook[]] = [[], []];
  const first = startProcessor(
    database,
    { store: defineHandler((seen) => void before.push(seen)) },
    { definition: { sources: [store] } },
  );
  const renamed = startProcessor(
    database,
    { shop: defineHandler((seen) => void after.push(seen)) },
    { definition: { sources: [shop] } },
  );
  await first.run([webhook("renamed-1")]);

  await renamed.run([webhook("renamed-1"), webhook("renamed-2")]);

  expect(before.map(({ id }) => id)).toEqual(["store/renamed-1"]);
  expect(after.map(({ id, source }) => [id, source])).toEqual([["store/renamed-2", "shop"]]);
  expect(renamed.outcomes().map(({ message, source }) => [message, source])).toEqual([
    ["webhook duplicate", "shop"],
    ["webhook processed", "shop"],
  ]);
});

it("a renamed source has its own backoff still", async () => {
  const fail = defineHandler(() => {
    throw new Error("the shop is down");
  });
  const renamed = startProcessor(
    database,
    { shop: fail },
    { definition: { sources: [{ ...shop, backoff }] } },
  );
  const record = webhook("renamed-3");

  await renamed.run([record]);

  // A random time, which the tests have half way.
  expect(renamed.delays.get(record.messageId)).toBe(50);
});
