import { describe, expect, it } from "vitest";
import { defineHandler, RetryLaterError, type WebhookHandler } from "../../../runtime/define-handler.js";
import { sharedHistoryTable } from "../../support/dynamodb.js";
import { definition as stage, startProcessor } from "../../support/processor.js";
import { envelopeOf, type RecordOptions, sqsRecord } from "../../support/sqs-events.js";

const database = await sharedHistoryTable();
const breaker = { failures: 3, longestSeconds: 300, holdingSeconds: 6 * 86_400 };
const noSignature = { kind: "none" } as const;

let stages = 0;

/** A source of its own, so that no test meets another's failures. */
function start(handler: WebhookHandler, { maxReceiveCount = 10, filtered = false } = {}) {
  const name = `source-${stages++}`;
  const routes = { byEventType: [{ match: "recorded", to: "record" as const }] };
  const filter = filtered ? { eventType: "json:type" as const, filter: { exclude: ["noise"] }, routes } : {};
  const source = { name, signature: noSignature, eventId: ["json:id" as const], breaker, ...filter };
  const processor = startProcessor(
    database,
    { [name]: handler },
    { definition: { sources: [source], maxReceiveCount } },
  );
  const record = (id: string, options: RecordOptions = {}, more: object = {}) =>
    sqsRecord(
      envelopeOf({ source: name, headers: [], body: Buffer.from(JSON.stringify({ id, ...more })) }),
      options,
    );
  return { name, processor, record, definition: { ...stage, sources: [source] } };
}

/** A target that is down until it is told otherwise. */
function target() {
  let isDown = true;
  const calls: string[] = [];
  const handler = defineHandler((webhook) => {
    calls.push(webhook.eventId);
    if (isDown) throw new Error("the target is down");
  });
  return {
    handler,
    calls,
    mend: () => {
      isDown = false;
    },
  };
}

/** A source whose target is left alone. */
async function startLeftAlone(changes: Parameters<typeof start>[1] = {}) {
  const { handler, calls, mend } = target();
  const started = start(handler, changes);
  for (let count = 0; count < 3; count++) await started.processor.run([started.record(`first-${count}`)]);
  calls.length = 0;
  return { ...started, calls, mend };
}

describe("a webhook whose target is left alone", () => {
  it("is sent to its queue again for later and deleted, and nothing is written about it", async () => {
    const { name, processor, record, calls } = await startLeftAlone();
    const waiting = record("waits", { group: "source-of-it" });

    expect(await processor.run([waiting])).toEqual({ batchItemFailures: [] });
    expect(processor.sentAgain).toMatchObject([
      { body: waiting.body, groupId: "source-of-it", delaySeconds: 13 },
    ]);
    expect(calls).toEqual([]);
    expect(await database.item(`${name}/waits`)).toBeUndefined();
  });

  it("counts as held, and not as failed", async () => {
    const { processor, record } = await startLeftAlone();
    await processor.run([record("waits")]);

    expect(processor.metric("Held")).toBe(1);
    expect(processor.metric("Failed")).toBe(3);
    expect(processor.metric("BreakerOpened")).toBe(1);
    expect(processor.lines.map((line) => JSON.parse(line).message)).toContain(
      "webhook held: its target is left alone",
    );
  });

  it("keeps what else its message has with it", async () => {
    const { processor, record } = await startLeftAlone();
    const webhook = { dataType: "String", stringValue: "2 …", stringListValues: [], binaryListValues: [] };
    const waiting = { ...record("waits"), messageAttributes: { other: webhook } };
    const traced = { ...waiting, attributes: { ...waiting.attributes, AWSTraceHeader: "Root=1-5759e988" } };
    await processor.run([traced]);

    const [sent] = processor.sentAgain;
    expect(sent?.attributes).toMatchObject({ other: webhook });
    expect(sent?.traceHeader).toBe("Root=1-5759e988");
  });

  it("is handled when it comes back and the target is there again", async () => {
    const { name, processor, record, mend } = await startLeftAlone();
    await processor.run([record("waits")]);
    mend();
    processor.advance(13_000);
    await processor.run([record("waits")]);

    expect(await database.item(`${name}/waits`)).toMatchObject({ status: "processed", attempts: 1 });
    await processor.run([record("new")]);
    expect(await database.item(`${name}/new`)).toMatchObject({ status: "processed" });
  });

  it("waits in its own message on a FIFO queue, where a new one would lose its place", async () => {
    const { processor, record, calls } = await startLeftAlone();
    const waiting = record("waits", { fifo: true, group: "all", messageId: "m-1" });

    expect(await processor.run([waiting])).toEqual({ batchItemFailures: [{ itemIdentifier: "m-1" }] });
    expect(processor.sentAgain).toEqual([]);
    expect(processor.delays.get("m-1")).toBe(13);
    expect(calls).toEqual([]);
  });

  it("is tried in its last delivery there, or it would end in the dead-letter queue untried", async () => {
    const { processor, record, calls } = await startLeftAlone();
    await processor.run([record("last", { fifo: true, group: "all", receiveCount: 10 })]);

    expect(calls).toEqual(["last"]);
  });

  it("is tried all the same when it has waited for as long as it may, so that its tries fit into its queue's time", async () => {
    const { processor, record, calls } = await startLeftAlone();
    const old = record("old");
    const sentAt = String(1_767_225_600_000 - breaker.holdingSeconds * 1000);
    await processor.run([{ ...old, attributes: { ...old.attributes, SentTimestamp: sentAt } }]);

    expect(calls).toEqual(["old"]);
    expect(processor.sentAgain).toEqual([]);
  });

  it("waits in its own message if it cannot be sent", async () => {
    const { handler, calls } = target();
    const name = `source-${stages++}`;
    const source = { name, signature: noSignature, eventId: ["json:id" as const], breaker };
    const refuse = async () => {
      throw new Error("AccessDenied");
    };
    const processor = startProcessor(
      database,
      { [name]: handler },
      { definition: { sources: [source] }, dependencies: { sendAgain: refuse } },
    );
    const record = (id: string) =>
      sqsRecord(envelopeOf({ source: name, headers: [], body: Buffer.from(JSON.stringify({ id })) }), {
        messageId: id,
      });
    for (let count = 0; count < 3; count++) await processor.run([record(`first-${count}`)]);
    const response = await processor.run([record("waits")]);

    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "waits" }] });
    expect(processor.delays.get("waits")).toBe(13);
    expect(calls).not.toContain("waits");
  });
});

describe("the tries of a webhook that was sent again", () => {
  /** The message that SQS makes of what was sent. */
  function delivered(
    { processor, record }: Awaited<ReturnType<typeof startLeftAlone>>,
    { receiveCount = 1, sentLater = 0 } = {},
  ) {
    const sent = processor.sentAgain.at(-1);
    const made = record("waits", { receiveCount, messageId: `again-${receiveCount}` });
    return {
      ...made,
      messageAttributes: sent?.attributes ?? {},
      attributes: {
        ...made.attributes,
        SentTimestamp: String(1_767_225_600_123 + sentLater),
      },
    };
  }

  it("are as many as were left before: what waited used up none", async () => {
    const started = await startLeftAlone({ maxReceiveCount: 4 });
    const { processor, record, calls } = started;
    // Two tries are used up, and this delivery becomes none.
    await processor.run([record("waits", { receiveCount: 3 })]);
    processor.advance(13_000);
    await processor.run([delivered(started, { receiveCount: 1 })]);
    processor.advance(30_000);
    await processor.run([delivered(started, { receiveCount: 2 })]);
    expect(calls).toEqual(["waits", "waits"]);

    // The queue, which has counted two, delivers it until it has counted four.
    const spent = delivered(started, { receiveCount: 3 });
    expect(await processor.run([spent])).toEqual({ batchItemFailures: [{ itemIdentifier: "again-3" }] });
    expect(calls).toEqual(["waits", "waits"]);
    expect(processor.delays.get("again-3")).toBe(0);
  });

  it("are all its tries after a redrive, which makes it a new message", async () => {
    const started = await startLeftAlone({ maxReceiveCount: 4 });
    const { processor, record, calls, mend } = started;
    await processor.run([record("waits", { receiveCount: 3 })]);
    processor.advance(13_000);
    mend();
    const redriven = delivered(started, { receiveCount: 4, sentLater: 3_600_000 });
    await processor.run([redriven]);

    expect(calls).toEqual(["waits"]);
  });
});

describe("what says nothing about a target", () => {
  it.each([
    ["is stopped by the filter", "noise"],
    ["goes to nobody", "recorded"],
  ])("is a webhook that %s: the next one is the probe", async (_, type) => {
    const { processor, record, calls } = await startLeftAlone({ filtered: true });
    processor.advance(10_000);
    await processor.run([record(`first-${type}`, {}, { type })]);
    await processor.run([record(`next-${type}`)]);
    await processor.run([record(`waits-${type}`)]);

    expect(calls).toEqual([`next-${type}`]);
    expect(processor.sentAgain).toHaveLength(1);
  });

  it("is a webhook that asks to be tried later, for all others", async () => {
    const { processor, record, name } = start(
      defineHandler((webhook) => {
        if (webhook.eventId === "early")
          throw new RetryLaterError("its order is missing", { afterSeconds: 60 });
      }),
    );
    await processor.run([record("early")]);
    await processor.run([record("other")]);

    expect(await database.item(`${name}/other`)).toMatchObject({ status: "processed" });
  });

  it("unlike an API's limit, which holds for all", async () => {
    const { processor, record, name } = start(
      defineHandler(() => {
        throw new RetryLaterError("too many requests", { afterSeconds: 60, forAll: true });
      }),
    );
    await processor.run([record("first")]);
    await processor.run([record("second")]);

    expect(processor.sentAgain).toMatchObject([{ delaySeconds: 68 }]);
    expect(await database.item(`${name}/second`)).toBeUndefined();
  });
});
