import type { SQSRecord } from "aws-lambda";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BatchOptions, batchResponse, workThrough } from "../../../runtime/batch/batch.js";
import { sqsRecord } from "../../support/sqs-events.js";

/** Results are words; a suspect's ends with the number of its crashes. */
const options: BatchOptions<string> = {
  concurrency: 1,
  mayStart: () => true,
  goesBack: (result) => result === "failed" || result.startsWith("suspect"),
  isGivenUp: ({ attributes }) => attributes.ApproximateReceiveCount === "3",
  crashesOf: (result) => (result.startsWith("suspect") ? Number(result.split(" ")[1]) : undefined),
  leave: async () => {},
  setApart: async () => {},
};

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
      { ...options, concurrency: 4 },
    );

    expect(most).toBe(4);
    expect(worked.map(({ record }) => record)).toEqual(records);
    expect(worked.every(({ result }) => result === "processed")).toBe(true);
  });

  it("starts nothing once the time is short, and says which records it did not start", async () => {
    let started = 0;
    const records = Array.from({ length: 6 }, () => sqsRecord("x"));
    const worked = await workThrough(records, async () => `result ${++started}`, {
      ...options,
      mayStart: () => started < 2,
    });

    expect(worked.map(({ result }) => result)).toEqual(["result 1", "result 2", ...Array(4).fill(undefined)]);
    expect(worked[2]).not.toHaveProperty("result");
  });

  it("goes on after a failure on a standard queue, also within a fairness group", async () => {
    const records = ["failed", "processed", "processed"].map((body) => sqsRecord(body, { group: "github" }));
    const worked = await workThrough(records, async ({ body }) => body, options);

    expect(worked.map(({ result }) => result)).toEqual(["failed", "processed", "processed"]);
  });

  it("goes on behind a failure that the queue gives up, as the queue itself would", async () => {
    const records = [
      sqsRecord("failed", { group: "a", fifo: true, messageId: "a1", receiveCount: 3 }),
      sqsRecord("processed", { group: "a", fifo: true, messageId: "a2", receiveCount: 3 }),
      sqsRecord("failed", { group: "a", fifo: true, messageId: "a3", receiveCount: 1 }),
      sqsRecord("processed", { group: "a", fifo: true, messageId: "a4", receiveCount: 1 }),
    ];
    const worked = await workThrough(records, async ({ body }) => body, options);

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
    const worked = await workThrough(records, async ({ body }) => body, { ...options, concurrency: 8 });

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
          { ...options, concurrency },
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

describe("workThrough with records over which the function died", () => {
  interface Worked {
    /** What happened, in its order. */
    readonly log: string[];
    readonly results: Record<string, string | undefined>;
  }

  /** Bodies are results: a suspect's is what comes of it in the end, after its crashes: `suspect 2 processed`. */
  async function workThem(
    records: readonly SQSRecord[],
    changes: Partial<BatchOptions<string>> = {},
  ): Promise<Worked> {
    const log: string[] = [];
    const ids = (some: readonly SQSRecord[]) => some.map(({ messageId }) => messageId).join(" ");
    const worked = await workThrough(
      records,
      async ({ messageId, body }, { alone, behind }) => {
        const [suspect, crashes, end] = body.split(" ");
        if (suspect === "suspect" && !alone) return `suspect ${crashes}`;
        log.push(
          `${messageId} begins${alone ? " alone" : ""}${behind.length > 0 ? `, ${behind.length} behind` : ""}`,
        );
        // Turns of the event loop, not a time: part of a batch starts one turn after the rest.
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
        log.push(`${messageId} ends`);
        return end ?? body;
      },
      {
        ...options,
        concurrency: 10,
        leave: async (done) => void log.push(`${ids(done)} left`),
        setApart: async (lines) => void log.push(`apart: ${lines.map(ids).join(" | ")}`),
        ...changes,
      },
    );
    const results = Object.fromEntries(worked.map(({ record, result }) => [record.messageId, result]));
    return { log, results };
  }

  const record = (messageId: string, body: string) => sqsRecord(body, { messageId });
  const fifo = (messageId: string, body: string) =>
    sqsRecord(body, { messageId, fifo: true, group: messageId.charAt(0) });

  it("tries them when all others are done and have left, one at a time, the likeliest reason last", async () => {
    const { log, results } = await workThem([
      record("often", "suspect 2 processed"),
      record("once", "suspect 1 processed"),
      record("fails", "failed"),
      record("fine", "processed"),
    ]);

    expect(log).toEqual([
      "fails begins",
      "fine begins",
      "fails ends",
      "fine ends",
      "apart: often",
      "fine left",
      "once begins alone",
      "once ends",
      "once left",
      "often begins alone",
      "often ends",
    ]);
    expect(results).toEqual({ often: "processed", once: "processed", fails: "failed", fine: "processed" });
  });

  it("asks nothing of the queue for one that came alone", async () => {
    const { log } = await workThem([record("lonely", "suspect 1 processed")]);

    expect(log).toEqual(["lonely begins alone", "lonely ends"]);
  });

  it("hands them back untried when the time is short", async () => {
    const { results } = await workThem([record("slow", "processed"), record("late", "suspect 1 processed")], {
      mayStart: (() => {
        let asked = 0;
        return () => ++asked <= 2;
      })(),
    });

    expect(results).toEqual({ slow: "processed", late: "suspect 1" });
  });

  it("keeps the order of their FIFO groups, and lets other groups go first", async () => {
    const { log, results } = await workThem([
      fifo("a1", "processed"),
      fifo("a2", "suspect 2 processed"),
      fifo("a3", "processed"),
      fifo("b1", "suspect 1 failed"),
      fifo("b2", "processed"),
      fifo("c1", "processed"),
    ]);

    expect(log.filter((line) => !line.endsWith("ends"))).toEqual([
      "a1 begins, 2 behind",
      "c1 begins",
      "apart: a2 a3",
      "a1 c1 left",
      "b1 begins alone, 1 behind",
      "a2 begins alone, 1 behind",
      "a2 left",
      "a3 begins alone",
    ]);
    expect(results).toEqual({
      a1: "processed",
      a2: "processed",
      a3: "processed",
      b1: "failed",
      b2: undefined,
      c1: "processed",
    });
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
