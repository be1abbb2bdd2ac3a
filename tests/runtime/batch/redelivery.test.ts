import { setImmediate as turnOfTheEventLoop } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { backoffSeconds, secondsUntil } from "../../../runtime/batch/backoff.js";
import { delayRedelivery, type HandedBack } from "../../../runtime/batch/redelivery.js";
import { createLog } from "../../../runtime/telemetry/log.js";
import { sqsRecord } from "../../support/sqs-events.js";

const backoff = { baseSeconds: 10, maxSeconds: 900 };
const now = 1_767_225_600_000;

describe("backoffSeconds", () => {
  it.each([
    [1, 10],
    [2, 20],
    [3, 40],
    [7, 640],
    [8, 900],
    [2_000, 900],
  ])("lies below a bound that doubles with each delivery: after %d at most %d s", (receiveCount, most) => {
    expect(backoffSeconds(backoff, receiveCount, 0.999_999)).toBe(most);
    expect(backoffSeconds(backoff, receiveCount, 0.5)).toBe(most / 2);
  });

  it("is never less than a second, nor more than SQS allows", () => {
    expect(backoffSeconds(backoff, 1, 0)).toBe(1);
    expect(backoffSeconds({ baseSeconds: 1, maxSeconds: 1e9 }, 100, 0.9)).toBe(43_200);
  });
});

describe("secondsUntil", () => {
  it.each([
    [now + 1, 1],
    [now + 1_001, 2],
    [now - 5_000, 1],
    [now + 1e9, 43_200],
  ])("rounds up within SQS's bounds (case %#)", (time, expected) => {
    expect(secondsUntil(time, now)).toBe(expected);
  });
});

describe("delayRedelivery", () => {
  async function delaysOf(handedBack: HandedBack[], failing: string[] = []) {
    const delays: Record<string, number> = {};
    const lines: string[] = [];
    let active = 0;
    let most = 0;
    await delayRedelivery(handedBack, {
      backoff,
      clock: () => now,
      random: () => 0.5,
      log: createLog({ level: "INFO", clock: () => now, writeLine: (line) => lines.push(line) }),
      changeVisibility: async (receiptHandle, seconds) => {
        most = Math.max(most, ++active);
        await turnOfTheEventLoop();
        active--;
        if (failing.includes(receiptHandle)) throw new Error("throttled");
        delays[receiptHandle.replace("handle of ", "")] = seconds;
      },
    });
    return { delays, lines, most };
  }

  it("delays each failed record by its own deliveries", async () => {
    const { delays } = await delaysOf([
      { record: sqsRecord("x", { messageId: "first", receiveCount: 1 }) },
      { record: sqsRecord("x", { messageId: "fourth", receiveCount: 4 }) },
    ]);
    expect(delays).toEqual({ first: 5, fourth: 40 });
  });

  it("waits for the end of another worker's lease", async () => {
    const { delays } = await delaysOf([
      { record: sqsRecord("x", { messageId: "busy" }), notBefore: now + 21_500 },
    ]);
    expect(delays).toEqual({ busy: 22 });
  });

  it("delays the first of a FIFO group and lets the rest follow it at once", async () => {
    const fifo = (group: string, messageId: string) => ({
      record: sqsRecord("x", { group, fifo: true, messageId }),
    });
    const { delays } = await delaysOf([fifo("a", "a1"), fifo("b", "b1"), fifo("a", "a2"), fifo("a", "a3")]);
    expect(delays).toEqual({ a1: 5, b1: 5, a2: 0, a3: 0 });
  });

  it("lets nothing wait for one that is not tried again", async () => {
    const fifo = (messageId: string) => sqsRecord("x", { group: "a", fifo: true, messageId });
    const { delays } = await delaysOf([
      { record: fifo("given up"), givenUp: true },
      { record: fifo("failed") },
      { record: fifo("behind it") },
    ]);
    expect(delays).toEqual({ "given up": 0, failed: 5, "behind it": 0 });
  });

  it("delays each of a fairness group on a standard queue", async () => {
    const { delays } = await delaysOf([
      { record: sqsRecord("x", { group: "github", messageId: "one" }) },
      { record: sqsRecord("x", { group: "github", messageId: "two" }) },
    ]);
    expect(delays).toEqual({ one: 5, two: 5 });
  });

  it("survives refusals, delays the others, and says so", async () => {
    const { delays, lines } = await delaysOf(
      [{ record: sqsRecord("x", { messageId: "one" }) }, { record: sqsRecord("x", { messageId: "two" }) }],
      ["handle of one"],
    );
    expect(delays).toEqual({ two: 5 });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "WARN",
      message_id: "one",
      error: "Error: throttled",
    });
  });

  it("sends at most ten requests at a time", async () => {
    const { delays, most } = await delaysOf(Array.from({ length: 35 }, () => ({ record: sqsRecord("x") })));
    expect(Object.keys(delays)).toHaveLength(35);
    expect(most).toBe(10);
  });
});
