import { setImmediate as turnOfTheEventLoop } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { inParallel } from "../../../runtime/batch/parallel.js";

const items = ["a", "b", "c", "d", "e"];

/** Work that is started, and ends when it is told to. */
function recorder() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (item: string) =>
    new Promise<void>((resolve) => {
      started.push(item);
      ends.set(item, resolve);
    });
  return { started, work, end: (item: string) => ends.get(item)?.() };
}

describe("inParallel", () => {
  it("starts the first few at once, and the others when their requests have left", async () => {
    const { started, work } = recorder();
    void inParallel([...items, "f"], 6, work);
    expect(started).toEqual(["a", "b"]);
    await turnOfTheEventLoop();
    expect(started).toEqual([...items, "f"]);
  });

  it("starts no more than the limit, and the next as soon as one is done", async () => {
    const { started, work, end } = recorder();
    const done = inParallel(items, 2, work);
    await turnOfTheEventLoop();
    expect(started).toEqual(["a", "b"]);
    end("b");
    await turnOfTheEventLoop();
    expect(started).toEqual(["a", "b", "c"]);
    for (const item of items) {
      end(item);
      await turnOfTheEventLoop();
    }
    await done;
    expect(started).toEqual(items);
  });

  it.each([1, 2, 10])("works on each item once with a limit of %i", async (limit) => {
    const worked: string[] = [];
    await inParallel(items, limit, async (item) => void worked.push(item));
    expect(worked.sort()).toEqual(items);
  });

  it("has nothing to do for no items", async () => {
    await inParallel([], 10, () => Promise.reject(new Error("there is nothing")));
  });

  it("rejects with what the work rejects with, early or late, and leaves no rejection unheard", async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown) => unheard.push(reason);
    process.on("unhandledRejection", hear);
    const fail = (item: string) => Promise.reject(new Error(item));
    await expect(inParallel(items, 4, fail)).rejects.toThrow("a");
    await expect(
      inParallel(["a", "b"], 2, (item) => (item === "b" ? fail(item) : turnOfTheEventLoop())),
    ).rejects.toThrow("b");
    await turnOfTheEventLoop();
    process.off("unhandledRejection", hear);
    expect(unheard).toEqual([]);
  });
});
