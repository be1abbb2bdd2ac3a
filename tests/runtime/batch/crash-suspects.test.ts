import { describe, expect, it } from "vitest";
import { deleteBeforeCrash, isGivenUp, spreadRedelivery } from "../../../runtime/batch/crash-suspects.js";
import { createLog } from "../../../runtime/telemetry/log.js";
import { sqsRecord } from "../../support/sqs-events.js";

const record = (messageId: string) => sqsRecord("x", { messageId });
const handlesOf = (...messageIds: string[]) => messageIds.map((id) => `handle of ${id}`);

function recordedLog() {
  const lines: string[] = [];
  const log = createLog({ level: "INFO", clock: () => 0, writeLine: (line) => lines.push(line) });
  return { log, lines: () => lines.map((line) => JSON.parse(line)) };
}

describe("isGivenUp", () => {
  const judge = (
    crashes: number,
    { fifo = true, receiveCount = 4, followers = 3, last = false }: Partial<Record<string, unknown>> = {},
  ) =>
    isGivenUp(
      sqsRecord("x", { group: "a", fifo: fifo === true, receiveCount: Number(receiveCount) }),
      crashes,
      { alone: false, behind: Array(Number(followers)).fill(sqsRecord("x")) },
      last === true,
    );

  it.each<[string, number, Parameters<typeof judge>[1], boolean]>([
    ["a FIFO queue's after the function died over it three times", 3, {}, true],
    ["also if nobody waits behind it just now", 3, { followers: 0 }, true],
    ["not after two times", 2, {}, false],
    ["but at its last delivery, if somebody waits behind it", 1, { last: true }, true],
    ["and not if nobody does", 1, { last: true, followers: 0 }, false],
    ["never a new message of the event, such as a redriven one", 9, { receiveCount: 1 }, false],
    ["never on a standard queue, where nobody has to wait for it", 9, { fifo: false, last: true }, false],
  ])("%s", (_, crashes, circumstances, expected) => {
    expect(judge(crashes, circumstances)).toBe(expected);
  });
});

describe("spreadRedelivery", () => {
  const timeoutSeconds = 30;

  it("brings each line back by itself, and none before the function's end", async () => {
    const { log } = recordedLog();
    const delays: Record<string, number> = {};
    await spreadRedelivery([[record("a1"), record("a2")], [record("b1")], [record("c1")]], {
      changeVisibility: async (receiptHandle, seconds) => {
        delays[receiptHandle] = seconds;
      },
      timeoutSeconds,
      log,
    });

    const [a1, a2, b1, c1] = handlesOf("a1", "a2", "b1", "c1").map((handle) => delays[handle] ?? 0);
    expect(a1).toBe(a2);
    expect(new Set([a1, b1, c1]).size).toBe(3);
    for (const seconds of [a1, b1, c1]) expect(seconds).toBeGreaterThan(timeoutSeconds);
  });

  it("leaves one that SQS refuses to the visibility timeout, and says so", async () => {
    const { log, lines } = recordedLog();
    const changed: string[] = [];
    await spreadRedelivery([[record("refused")], [record("fine")]], {
      changeVisibility: async (receiptHandle) => {
        if (receiptHandle.endsWith("refused")) throw new Error("throttled");
        changed.push(receiptHandle);
      },
      timeoutSeconds,
      log,
    });

    expect(changed).toEqual(handlesOf("fine"));
    expect(lines()).toMatchObject([
      { level: "WARN", message_id: "refused", error: expect.stringContaining("throttled") },
    ]);
  });
});

describe("deleteBeforeCrash", () => {
  it("deletes what is done", async () => {
    const { log } = recordedLog();
    const deleted: string[] = [];
    await deleteBeforeCrash([record("one"), record("two")], {
      deleteMessages: async (receiptHandles) => void deleted.push(...receiptHandles),
      log,
    });

    expect(deleted).toEqual(handlesOf("one", "two"));
  });

  it("goes on if SQS refuses: Lambda deletes as well, in the end", async () => {
    const { log, lines } = recordedLog();
    await deleteBeforeCrash([record("one")], {
      deleteMessages: async () => {
        throw new Error("throttled");
      },
      log,
    });

    expect(lines()).toMatchObject([{ level: "WARN", count: 1, error: expect.stringContaining("throttled") }]);
  });
});
