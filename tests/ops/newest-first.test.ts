import { describe, expect, it } from "vitest";
import { type IndexEntry, newestFirst } from "../../ops/history/newest-first.js";

async function* sequence(...entries: [webhookId: string, receivedAt: number][]): AsyncGenerator<IndexEntry> {
  for (const [webhookId, receivedAt] of entries) yield { webhookId, receivedAt };
}

async function merged(...sequences: AsyncIterable<IndexEntry>[]) {
  const ids: string[] = [];
  for await (const { webhookId } of newestFirst(sequences)) ids.push(webhookId);
  return ids;
}

describe("entries of several indexes", () => {
  it("are one sequence, the newest first", async () => {
    expect(await merged(sequence(["d", 4], ["a", 1]), sequence(["c", 3], ["b", 2]), sequence())).toEqual([
      "d",
      "c",
      "b",
      "a",
    ]);
  });

  it("have a webhook once, which changes its state between two answers and so stands in both", async () => {
    const failed = sequence(["x", 3], ["moved", 2], ["moved too", 2], ["a", 1]);
    const processing = sequence(["moved too", 2], ["moved", 2], ["b", 1]);
    expect(await merged(failed, processing)).toEqual(["x", "moved", "moved too", "a", "b"]);
  });
});
