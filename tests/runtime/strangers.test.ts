import { randomBytes } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startWriteMeter, type WriteMeter } from "../../bench/handler/emulator/write-meter.js";
import { defineHandler, InvalidWebhookError } from "../../runtime/define-handler.js";
import type { Envelope } from "../../runtime/envelope/envelope.js";
import { loadPayload, type OverflowStore } from "../../runtime/payload/overflow.js";
import type { ProcessorDefinition } from "../../runtime/stage/definition.js";
import { sharedHistoryTable } from "../support/dynamodb.js";
import { crmWebhook, definition, githubWebhook, startProcessor } from "../support/processor.js";
import { lambdaContext, sqsRecord } from "../support/sqs-events.js";

const database = await sharedHistoryTable();
let meter: WriteMeter;
let client: DynamoDBClient;
beforeAll(async () => {
  meter = await startWriteMeter(database.endpoint);
  client = new DynamoDBClient({
    endpoint: meter.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
});
afterAll(async () => {
  client.destroy();
  await meter.stop();
});

let serial = 0;
let id: string;
beforeEach(() => {
  id = `stranger-${++serial}`;
});

interface Bucket extends OverflowStore {
  readonly objects: Map<string, Uint8Array>;
}

function bucket(changes: Partial<OverflowStore> = {}): Bucket {
  const objects = new Map<string, Uint8Array>();
  return {
    objects,
    put: async (key, bytes) => void objects.set(key, bytes),
    get: async (key) => objects.get(key) ?? new Uint8Array(),
    ...changes,
  };
}

const noBucket = (): Bucket | undefined => undefined;

const s3IsDown = () =>
  Promise.reject(Object.assign(new Error("reduce your request rate"), { name: "SlowDown" }));

/** The function of a stage with this bucket, whose handlers find every webhook invalid. */
function start(overflow: OverflowStore | undefined, changes: Partial<ProcessorDefinition> = {}) {
  const refuse = defineHandler(() => {
    throw new InvalidWebhookError("not an order");
  });
  const processor = startProcessor(
    { ...database, client },
    { github: refuse, crm: refuse },
    { definition: changes, dependencies: overflow === undefined ? {} : { overflow } },
  );
  return {
    processor,
    /** Delivers one message. Whether it goes back to the queue, what it cost, and its item. */
    async deliver(message: Envelope | string, context = lambdaContext()) {
      meter.read();
      const { batchItemFailures } = await processor.run([sqsRecord(message)], context);
      const { writeUnits } = meter.read();
      const webhookId = String(processor.outcomes().at(-1)?.webhook_id);
      return { goesBack: batchItemFailures.length > 0, writeUnits, item: await database.item(webhookId) };
    },
  };
}

const forged = (bytes: number) =>
  githubWebhook(id, { secret: "guessed", body: randomBytes(Math.ceil(bytes / 2)).toString("hex") });

/** Hexadecimal digits compress to half. */
const inTable = 200 * 1024;
const beyondTable = 900 * 1024;

describe("a forged webhook", () => {
  it.each([["with one for replays", () => bucket()] as const, ["without one", noBucket] as const])(
    "costs at most 7 write units and never goes back to the queue, whatever it is made of, on a stage %s",
    async (_, overflow) => {
      const stage = start(overflow());
      const size = (most: number) => fc.integer({ min: 0, max: most });
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(size(6_000), size(700_000)),
          size(10_000),
          size(8_000),
          async (bodyBytes, headerBytes, queryBytes) => {
            const text = (bytes: number) => randomBytes(bytes).toString("base64").slice(0, bytes);
            const { headers, ...envelope } = await githubWebhook(id, { secret: "guessed" });
            const { goesBack, writeUnits, item } = await stage.deliver({
              ...envelope,
              headers: [...headers, ["X-Long", text(headerBytes)]],
              query: [["long", text(queryBytes)]],
              body: randomBytes(bodyBytes),
            });
            expect(goesBack).toBe(false);
            expect(item?.status).toBe("rejected");
            expect(writeUnits).toBeGreaterThanOrEqual(3);
            expect(writeUnits).toBeLessThanOrEqual(7);
          },
        ),
        { numRuns: 40 },
      );
    },
    60_000,
  );

  it("is in the table if it is as small as webhooks usually are, and puts nothing into the bucket", async () => {
    const overflow = bucket();
    const webhook = await forged(2_000);
    const { item } = await start(overflow).deliver(webhook);
    expect(await loadPayload(item ?? {}, undefined)).toEqual(webhook);
    expect(overflow.objects.size).toBe(0);
  });

  it.each([12_000, inTable, beyondTable])(
    "of %i characters is in the bucket with every byte, and can be replayed after the secret is mended",
    async (characters) => {
      const overflow = bucket();
      const { processor, deliver } = start(overflow);
      const webhook = await forged(characters);
      const { goesBack, item } = await deliver(webhook);
      expect(goesBack).toBe(false);
      expect(item).toMatchObject({ status: "rejected" });
      expect(item?.payload).toBeUndefined();
      const stored = await loadPayload(item ?? {}, overflow);
      expect(stored).toEqual(webhook);

      processor.secrets.set("webhooks/github", "guessed");
      processor.advance(600_000);
      if (stored === undefined) throw new Error("nothing is stored");
      const replayed = await deliver({ ...stored, replayId: "r-1" });
      expect(replayed.item).toMatchObject({ webhookId: `github/${id}`, status: "invalid" });
      expect((await database.item(item?.webhookId ?? ""))?.acceptedAs).toBe(`github/${id}`);
    },
  );

  it.each([
    ["no bucket", undefined],
    ["a bucket that takes nothing new", () => bucket({ readOnly: true })],
  ] as const)(
    "leaves hash, length and the first KB on a stage with %s, and its item says so",
    async (_, make) => {
      const webhook = await forged(inTable);
      const { goesBack, item } = await start(make?.()).deliver(webhook);
      expect(goesBack).toBe(false);
      expect(item?.reason).toMatch(
        /only the first 1,024 of its 204,800 bytes are kept, because there is no overflow bucket \(history\.overflow\)/,
      );
      expect(item?.omittedBody).toMatchObject({
        bytes: inTable,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(Buffer.from(item?.omittedBody?.start ?? [])).toEqual(webhook.body.subarray(0, 1_024));
    },
  );

  it("is kept whole in the table while S3 does not take it, and says why", async () => {
    const webhook = await forged(inTable);
    const { goesBack, item } = await start(bucket({ put: s3IsDown })).deliver(webhook);
    expect(goesBack).toBe(false);
    expect(item?.status).toBe("rejected");
    expect(item?.reason).toContain(
      "(kept in the table, because the overflow bucket did not take it: SlowDown: reduce your request rate)",
    );
    expect(await loadPayload(item ?? {}, undefined)).toEqual(webhook);
  });

  it("does not go back to the queue either if S3 does not take what no item can hold", async () => {
    const { goesBack, item } = await start(bucket({ put: s3IsDown })).deliver(await forged(beyondTable));
    expect(goesBack).toBe(false);
    expect(item).toMatchObject({ status: "rejected", omittedBody: { bytes: beyondTable } });
    expect(item?.reason).toContain(
      "only the first 1,024 of its 921,600 bytes are kept, because the overflow bucket",
    );
  });

  it("does not wait for S3 longer than the function has time", async () => {
    const hangs = () => new Promise<never>(() => {});
    const { goesBack, item } = await start(bucket({ put: hangs }), { timeoutSeconds: 20 }).deliver(
      await forged(inTable),
      lambdaContext(4_500),
    );
    expect(goesBack).toBe(false);
    expect(item).toMatchObject({ status: "rejected", reason: expect.stringContaining("ran out of time") });
  });

  it("keeps nothing but hash and length for a source that keeps no payloads", async () => {
    const overflow = bucket();
    const { item } = await start(overflow, { keepPayload: "none" }).deliver(await forged(inTable));
    expect(item?.omittedBody).toEqual({ bytes: inTable, sha256: expect.any(String) });
    expect(overflow.objects.size).toBe(0);
  });
});

describe("what else a stranger can cause", () => {
  it.each([
    ["with a bucket", () => bucket()],
    ["without one", noBucket],
    ["whose bucket is out of order", () => bucket({ put: s3IsDown })],
  ] as const)("a handshake of any size is ignored, on a stage %s", async (_, overflow) => {
    const [github, ...others] = definition.sources;
    if (github === undefined) throw new Error("the stage has no source");
    const handshake = { challenge: "json:challenge", signed: false } as const;
    const { deliver } = start(overflow(), { sources: [{ ...github, handshake }, ...others] });
    for (const bytes of [10, inTable, beyondTable]) {
      const body = JSON.stringify({ challenge: randomBytes(bytes / 2).toString("hex") });
      const { goesBack, item } = await deliver(await githubWebhook(id, { body }));
      expect(goesBack).toBe(false);
      expect(item?.status).toBe("ignored");
    }
  });

  it("an invalid webhook of a source without signature is done, even if there is no room for it", async () => {
    const { goesBack, item } = await start(undefined).deliver(
      crmWebhook(id, { noise: randomBytes(beyondTable / 2).toString("hex") }),
    );
    expect(goesBack).toBe(false);
    expect(item).toMatchObject({ status: "invalid", omittedBody: { start: expect.anything() } });
    expect(item?.reason).toMatch(/^not an order \(only the first 1,024 of its 921,\d{3} bytes are kept\)$/);
  });

  it("a message that cannot be read is in the bucket if it is large", async () => {
    const overflow = bucket();
    const message = randomBytes(inTable / 2).toString("hex");
    const { goesBack, writeUnits, item } = await start(overflow).deliver(message);
    expect(goesBack).toBe(false);
    expect(item?.status).toBe("unreadable");
    expect((await loadPayload(item ?? {}, overflow))?.body.toString()).toBe(message);
    expect(writeUnits).toBeLessThanOrEqual(7);
  });

  it.each([
    ["no bucket", undefined] as const,
    ["one that is out of order", bucket({ put: s3IsDown })] as const,
  ])(
    "a message that cannot be read loses nothing on a stage with %s: nobody knows whose it is",
    async (_, overflow) => {
      const message = randomBytes(inTable / 2).toString("hex");
      const { goesBack, item } = await start(overflow).deliver(message);
      expect(goesBack).toBe(false);
      expect((await loadPayload(item ?? {}, undefined))?.body.toString()).toBe(message);

      const tooLarge = await start(overflow).deliver(randomBytes(beyondTable / 2).toString("hex"));
      expect(tooLarge.goesBack).toBe(true);
    },
  );
});

describe("a genuine webhook", () => {
  it("of 20 KB costs what it always did: the claim, its index, and its item, without the bucket", async () => {
    const overflow = bucket();
    const noise = randomBytes(20_000).toString("hex");
    const webhook = { ...crmWebhook(id, { noise }), source: "quiet" };
    const { writeUnits, item } = await start(overflow).deliver(webhook);
    expect(item).toMatchObject({ webhookId: `quiet/${id}`, status: "processed" });
    expect(writeUnits).toBe(2 + Math.ceil((item?.payload?.length ?? 0) / 1_024 + 0.4));
    expect(overflow.objects.size).toBe(0);
  });

  it("that is invalid keeps its bytes in the queue if nothing else has room for them", async () => {
    const body = JSON.stringify({ noise: randomBytes(beyondTable / 2).toString("hex") });
    const { goesBack, item } = await start(undefined).deliver(await githubWebhook(id, { body }));
    expect(goesBack).toBe(true);
    expect(item).toMatchObject({ status: "failed", reason: expect.stringMatching(/^invalid: not an order/) });
  });
});
