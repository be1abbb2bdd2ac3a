import type { SQSRecord } from "aws-lambda";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchResponse, workThrough } from "../../../runtime/batch/batch.js";
import { sqsRecord } from "../../support/sqs-events.js";

const always = () => true;
const goesBack = (result: string) => result === "failed";
const isLastDelivery = ({ attributes }: SQSRecord) => attributes.ApproximateReceiveCount === "3";

describe("workThrough", () => {
  it("works on at most so many records at a time, and on all of them", async () => {
    const records = Array.from({ length: 25 }, () => sqsRecord("x"));
    let active = 0;
    let most = 0;
    const worked = await workThrough(
      records,
      async () => {
        most = Math.max(most, ++active);
        await new Promise((resolve) => setTimeout(resolve, 2));
        active--;
        return "processed";
      },
      { concurrency: 4, mayStart: always, goesBack, isLastDelivery },
    );

    expect(most).toBe(4);
    expect(worked.map(({ record }) => record)).toEqual(records);
    expect(worked.every(({ result }) => result === "processed")).toBe(true);
  });

  it("starts nothing once the time is short, and says which records it did not start", async () => {
    let started = 0;
    const records = Array.from({ length: 6 }, () => sqsRecord("x"));
    const worked = await workThrough(records, async () => `result ${++started}`, {
      concurrency: 1,
      mayStart: () => started < 2,
      goesBack,
      isLastDelivery,
    });

    expect(worked.map(({ result }) => result)).toEqual(["result 1", "result 2", ...Array(4).fill(undefined)]);
    expect(worked[2]).not.toHaveProperty("result");
  });

  it("goes on after a failure on a standard queue, also within a fairness group", async () => {
    const records = ["failed", "processed", "processed"].map((body) => sqsRecord(body, { group: "github" }));
    const worked = await workThrough(records, async ({ body }) => body, {
      concurrency: 1,
      mayStart: always,
      goesBack,
      isLastDelivery,
    });

    expect(worked.map(({ result }) => result)).toEqual(["failed", "processed", "processed"]);
  });

  it("goes on behind a failure that the queue gives up, as the queue itself would", async () => {
    const records = [
      sqsRecord("failed", { group: "a", fifo: true, messageId: "a1", receiveCount: 3 }),
      sqsRecord("processed", { group: "a", fifo: true, messageId: "a2", receiveCount: 3 }),
      sqsRecord("failed", { group: "a", fifo: true, messageId: "a3", receiveCount: 1 }),
      sqsRecord("processed", { group: "a", fifo: true, messageId: "a4", receiveCount: 1 }),
    ];
    const worked = await workThrough(records, async ({ body }) => body, {
      concurrency: 1,
      mayStart: always,
      goesBack,
      isLastDelivery,
    });

    expect(worked.map(({ result }) => result)).toEqual(["failed", "processed", "failed", undefined]);
  });

  it("stops a FIFO group at its first failure, and no other", async () => {
    const records = [
      sqsRecord("processed", { group: "a", fifo: true, messageId: "a1" }),
      sqsRecord("failed", { group: "a", fifo: true, messageId: "a2" }),
      sqsRecord("processed", { group: "b", fifo: true, messageId: "b1" }),
      sqsRecord("processed", { group: "a", fifo: true, messageId: "a3" }),
      sqsRecord("processed", { group: "b", fifo: true, messageId: "b2" }),
    ];
    const worked = await workThrough(records, async ({ body }) => body, {
      concurrency: 8,
      mayStart: always,
      goesBack,
      isLastDelivery,
    });

    expect(Object.fromEntries(worked.map(({ record, result }) => [record.messageId, result]))).toEqual({
      a1: "processed",
      a2: "failed",
      b1: "processed",
      a3: undefined,
      b2: "processed",
    });
  });

  it("keeps each FIFO group's order while groups run beside each other, whatever fails and however long it takes", async () => {
    const batches = fc.array(
      fc.record({ group: fc.constantFrom("a", "b", "c"), fails: fc.boolean(), pauses: fc.nat(3) }),
    );
    await fc.assert(
      fc.asyncProperty(batches, fc.integer({ min: 1, max: 5 }), async (batch, concurrency) => {
        const records = batch.map(({ group }, index) =>
          sqsRecord("x", { group, fifo: true, messageId: String(index) }),
        );
        const running = new Set<string>();
        const ended: Record<string, number[]> = {};
        const worked = await workThrough(
          records,
          async ({ messageId }) => {
            const { group, fails, pauses } = batch[Number(messageId)] ?? {
              group: "",
              fails: false,
              pauses: 0,
            };
            expect(running.has(group)).toBe(false);
            running.add(group);
            for (let pause = 0; pause < pauses; pause++) await Promise.resolve();
            running.delete(group);
            ended[group] = [...(ended[group] ?? []), Number(messageId)];
            return fails ? "failed" : "processed";
          },
          { concurrency, mayStart: always, goesBack, isLastDelivery },
        );

        for (const group of ["a", "b", "c"]) {
          const own = worked.filter((_, index) => batch[index]?.group === group);
          const firstFailure = own.findIndex(({ result }) => result === "failed");
          const started = firstFailure === -1 ? own : own.slice(0, firstFailure + 1);
          expect(started.every(({ result }) => result !== undefined)).toBe(true);
          expect(own.slice(started.length).every(({ result }) => result === undefined)).toBe(true);
          expect(ended[group] ?? []).toEqual(started.map(({ record }) => Number(record.messageId)));
        }
      }),
    );
  });
});

describe("batchResponse", () => {
  it("is an empty list when nothing goes back: without the list Lambda would also delete everything", () => {
    expect(JSON.stringify(batchResponse([]))).toBe('{"batchItemFailures":[]}');
  });

  it("names exactly the messages that go back", () => {
    const records = [sqsRecord("x", { messageId: "one" }), sqsRecord("x", { messageId: "two" })];
    expect(JSON.parse(JSON.stringify(batchResponse(records)))).toEqual({
      batchItemFailures: [{ itemIdentifier: "one" }, { itemIdentifier: "two" }],
    });
  });
});
