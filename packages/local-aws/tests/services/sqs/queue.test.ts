import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Queue } from "../../../services/sqs/queue.js";
import type { QueueSettings } from "../../../services/sqs/queue-settings.js";

function queue(settings: Partial<QueueSettings> = {}): Queue {
  return new Queue({
    name: "q",
    arn: "arn:aws:sqs:us-east-1:000000000000:q",
    url: "http://127.0.0.1:1/000000000000/q",
    fifo: false,
    visibilityTimeoutSeconds: 30,
    delaySeconds: 0,
    maximumMessageBytes: 1_048_576,
    retentionSeconds: 345_600,
    receiveWaitSeconds: 0,
    contentBasedDeduplication: false,
    deduplicatesByGroup: false,
    ...settings,
  });
}

const text = (body: string) => ({ body, attributes: {} });
const grouped = (body: string, groupId: string) => ({ ...text(body), groupId, deduplicationId: body });
const bodies = (messages: readonly { body: string }[]) => messages.map(({ body }) => body);

describe("what a queue takes", () => {
  it("takes tabs, line breaks and characters beyond the basic plane", () => {
    expect(queue().send(text("a\t\r\n€😀")).body).toBe("a\t\r\n€😀");
  });

  it.each(["\u0000", "\u000b", "\u001f", "\ufffe", "\ud800"])("refuses the character %j", (character) => {
    expect(() => queue().send(text(`a${character}`))).toThrow(
      expect.objectContaining({ code: "InvalidMessageContents" }),
    );
  });

  it("refuses an empty body as a missing parameter", () => {
    expect(() => queue().send(text(""))).toThrow("The request must contain the parameter MessageBody.");
  });

  it("counts bytes, not characters, and the attributes with them", () => {
    const small = queue({ maximumMessageBytes: 1024 });
    expect(() => small.send(text("é".repeat(512)))).not.toThrow();
    expect(() => small.send(text("é".repeat(513)))).toThrow("Message must be shorter than 1024 bytes.");
    const attributes = { source: { DataType: "String", StringValue: "x" } };
    expect(() => small.send({ body: "a".repeat(1024 - 13), attributes })).not.toThrow();
    expect(() => small.send({ body: "a".repeat(1024 - 12), attributes })).toThrow("shorter than 1024");
  });

  it.each([
    ["a space in the group", { groupId: "a b" }],
    ["129 characters in the group", { groupId: "a".repeat(129) }],
    ["a delay over 15 minutes", { delaySeconds: 901 }],
    ["an attribute without a value", { attributes: { a: { DataType: "String", StringValue: "" } } }],
    ["an attribute in AWS's name", { attributes: { "aws.a": { DataType: "String", StringValue: "x" } } }],
  ])("refuses %s", (_, draft) => {
    expect(() => queue().send({ ...text("a"), ...draft })).toThrow(
      expect.objectContaining({ code: "InvalidParameterValue" }),
    );
  });

  it("keeps the group of a message on a standard queue", () => {
    const fair = queue();
    fair.send({ ...text("a"), groupId: "github" });
    expect(fair.receive(1, 30, undefined)[0]?.groupId).toBe("github");
  });
});

describe("delivery", () => {
  it("hides a received message until its visibility timeout ends", async () => {
    const standard = queue();
    standard.send(text("a"));
    expect(standard.receive(1, 0.05, undefined)).toHaveLength(1);
    expect(standard.receive(1, 0.05, undefined)).toHaveLength(0);
    await delay(60);
    expect(standard.receive(1, 30, undefined)[0]?.receiveCount).toBe(2);
  });

  it("delivers a message maxReceiveCount times and no more; then the dead-letter queue has it, and its count goes on", () => {
    const deadLetters = queue({ name: "dlq", arn: "arn:aws:sqs:us-east-1:000000000000:dlq" });
    const redrive = { deadLetterTargetArn: deadLetters.settings.arn, maxReceiveCount: 3 };
    const source = queue({ redrive });
    const { id, sentAt } = source.send(text("poison"));

    const deliveries = Array.from({ length: 6 }, () => source.receive(1, 0, deadLetters).length);
    expect(deliveries).toEqual([1, 1, 1, 0, 0, 0]);

    expect(deadLetters.receive(1, 0, undefined)).toEqual([
      expect.objectContaining({
        id,
        sentAt,
        body: "poison",
        receiveCount: 4,
        deadLetterSourceArn: source.settings.arn,
      }),
    ]);
  });

  it("leaves a message where it is until somebody receives: the move is lazy", () => {
    const deadLetters = queue({ name: "dlq" });
    const redrive = { deadLetterTargetArn: deadLetters.settings.arn, maxReceiveCount: 1 };
    const source = queue({ redrive });
    source.send(text("a"));
    source.receive(1, 0, deadLetters);
    expect(deadLetters.peek()).toHaveLength(0);
    source.receive(1, 0, deadLetters);
    expect(deadLetters.peek()).toHaveLength(1);
  });

  it("does not show a delayed message early", async () => {
    const standard = queue();
    standard.send({ ...text("later"), delaySeconds: 0.05 });
    expect(standard.counts()).toMatchObject({ visible: 0, delayed: 1 });
    await delay(60);
    expect(bodies(standard.receive(1, 30, undefined))).toEqual(["later"]);
  });

  it("forgets a message after the retention period", async () => {
    const brief = queue({ retentionSeconds: 0.05 });
    brief.send(text("a"));
    await delay(60);
    expect(brief.receive(1, 30, undefined)).toEqual([]);
  });

  it("forgets each message when its own retention ends, whichever came in first", () => {
    let now = 0;
    const brief = new Queue({ ...queue().settings, retentionSeconds: 60 }, undefined, () => now);
    const texts = () => brief.peek().map(({ body }) => body);
    brief.send(text("first"));
    const [first] = brief.receive(1, 0, undefined);
    now = 40_000;
    brief.send(text("second"));
    // It comes back behind one that was sent later.
    if (first !== undefined) {
      brief.remove(first);
      brief.putBack(first);
    }
    now = 60_000;
    expect(texts()).toEqual(["second", "first"]);
    now = 60_001;
    expect(texts()).toEqual(["second"]);
    now = 100_001;
    expect(texts()).toEqual([]);
  });

  it("counts as many messages as an hour's outage leaves", () => {
    const long = queue();
    long.send(text("a"));
    const [message] = long.peek();
    for (let number = 0; number < 200_000; number++) {
      if (message !== undefined) long.putBack({ ...message, id: String(number) });
    }
    expect(long.counts()).toMatchObject({ visible: 200_001, notVisible: 0, delayed: 0 });
  });

  it("wakes a waiting receiver when a message arrives, and when one becomes visible again", async () => {
    const standard = queue();
    const arrived = standard.changed(5_000);
    standard.send(text("a"));
    await arrived;
    standard.receive(1, 0.05, undefined);
    const startedAt = Date.now();
    await standard.changed(5_000);
    expect(Date.now() - startedAt).toBeLessThan(1_000);
    expect(standard.receive(1, 30, undefined)).toHaveLength(1);
  });

  it("leaves a message that was received three times out of the oldest message's age", async () => {
    const standard = queue();
    standard.send(text("poison"));
    await delay(1_050);
    standard.send(text("fresh"));
    expect(standard.counts().ageOfOldestSeconds).toBe(1);
    for (let receive = 0; receive < 3; receive++) standard.receive(1, 0, undefined);
    expect(standard.counts().ageOfOldestSeconds).toBe(0);
  });
});

describe("receipt handles", () => {
  it("delete the message, also after its visibility has ended, on a standard queue", () => {
    const standard = queue();
    standard.send(text("a"));
    const [message] = standard.receive(1, 0, undefined);
    standard.delete(String(message?.receiptHandle));
    expect(standard.peek()).toEqual([]);
  });

  it("of an earlier receive are accepted and delete nothing", () => {
    const standard = queue();
    standard.send(text("a"));
    const first = String(standard.receive(1, 0, undefined)[0]?.receiptHandle);
    standard.receive(1, 0, undefined);
    standard.delete(first);
    expect(standard.peek()).toHaveLength(1);
  });

  it("expire on a FIFO queue", () => {
    const fifo = queue({ fifo: true });
    fifo.send(grouped("a", "g"));
    const [message] = fifo.receive(1, 0, undefined);
    expect(() => fifo.delete(String(message?.receiptHandle))).toThrow("The receipt handle has expired.");
  });

  it("of nobody are refused", () => {
    expect(() => queue().delete("nonsense")).toThrow(
      expect.objectContaining({ code: "ReceiptHandleIsInvalid" }),
    );
  });

  it("change the visibility of this receive only", async () => {
    const standard = queue();
    standard.send(text("a"));
    const handle = String(standard.receive(1, 30, undefined)[0]?.receiptHandle);
    standard.changeVisibility(handle, 0.05);
    expect(standard.receive(1, 30, undefined)).toEqual([]);
    await delay(60);
    expect(standard.receive(1, 30, undefined)).toHaveLength(1);
  });

  it("cannot change the visibility of a message that is not in flight", () => {
    const standard = queue();
    standard.send(text("a"));
    const handle = String(standard.receive(1, 0, undefined)[0]?.receiptHandle);
    expect(() => standard.changeVisibility(handle, 10)).toThrow("The specified message isn't in flight.");
  });
});

describe("a FIFO queue", () => {
  it("hands out several messages of a group at once, in order, and none of the group while they are out", () => {
    const fifo = queue({ fifo: true });
    for (const body of ["a1", "a2", "a3"]) fifo.send(grouped(body, "a"));
    fifo.send(grouped("b1", "b"));
    const batch = fifo.receive(2, 30, undefined);
    expect(bodies(batch)).toEqual(["a1", "a2"]);
    expect(bodies(fifo.receive(10, 30, undefined))).toEqual(["b1"]);
    for (const { receiptHandle } of batch) fifo.delete(String(receiptHandle));
    expect(bodies(fifo.receive(10, 30, undefined))).toEqual(["a3"]);
  });

  it("delivers a failed message before the later ones of its group", () => {
    const fifo = queue({ fifo: true });
    for (const body of ["a1", "a2"]) fifo.send(grouped(body, "a"));
    fifo.receive(1, 0, undefined);
    expect(bodies(fifo.receive(10, 30, undefined))).toEqual(["a1", "a2"]);
  });

  it("takes a repeated deduplication id without queueing it again, and answers with the first message", () => {
    const fifo = queue({ fifo: true });
    const first = fifo.send(grouped("a", "g"));
    expect(fifo.send(grouped("a", "other")).id).toBe(first.id);
    expect(fifo.peek()).toHaveLength(1);
  });

  it("deduplicates within a group where the program says so", () => {
    const fifo = queue({ fifo: true, deduplicatesByGroup: true });
    fifo.send(grouped("a", "g"));
    fifo.send(grouped("a", "other"));
    fifo.send(grouped("a", "other"));
    expect(fifo.peek()).toHaveLength(2);
  });

  it("remembers a deduplication id after the message is deleted", () => {
    const fifo = queue({ fifo: true });
    fifo.send(grouped("a", "g"));
    fifo.delete(String(fifo.receive(1, 30, undefined)[0]?.receiptHandle));
    fifo.send(grouped("a", "g"));
    expect(fifo.peek()).toEqual([]);
  });

  it("wants a group, and a deduplication id unless the content stands for it", () => {
    const fifo = queue({ fifo: true });
    expect(() => fifo.send(text("a"))).toThrow("must contain the parameter MessageGroupId");
    expect(() => fifo.send({ ...text("a"), groupId: "g" })).toThrow("ContentBasedDeduplication");
    const byContent = queue({ fifo: true, contentBasedDeduplication: true });
    byContent.send({ ...text("a"), groupId: "g" });
    byContent.send({ ...text("a"), groupId: "g" });
    expect(byContent.peek()).toHaveLength(1);
  });
});
