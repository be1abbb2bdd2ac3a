import type { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { historyReader } from "../../ops/history/read-history.js";

const day = 86_400_000;
const now = Date.UTC(2026, 10, 26, 3);
const shards = 8;

/** A history with a webhook at 1:00 and one at 2:00 of each day of a source. Older days answer sooner. */
function historyOf({ fails }: { readonly fails?: string } = {}) {
  const asked: string[] = [];
  let running = 0;
  let mostRunning = 0;
  const send = async ({ input }: QueryCommand) => {
    const partition = input.ExpressionAttributeValues?.[":partition"]?.S ?? "";
    const [, date = "", shard = ""] = partition.split("#");
    asked.push(date);
    running += 1;
    mostRunning = Math.max(mostRunning, running);
    for (let turn = 0; turn < Number(date.slice(-2)); turn += 1) await Promise.resolve();
    running -= 1;
    if (date === fails) throw new Error("DynamoDB is away");
    const hours = { "3": "02", "5": "01" }[shard];
    const receivedAt = Date.parse(`${date}T${hours}:00Z`);
    const item = { webhook_id: { S: `${date} ${hours}` }, received_at: { N: String(receivedAt) } };
    return { Items: hours === undefined ? [] : [item] };
  };
  return {
    reader: historyReader({ send } as unknown as DynamoDBClient, "history"),
    asked,
    mostRunning: () => mostRunning,
  };
}

const window = (days: number) => ({ from: now - days * day, to: now });

async function read(
  entries: AsyncIterable<{ readonly webhookId: string }>,
  limit = Number.POSITIVE_INFINITY,
) {
  const ids: string[] = [];
  for await (const { webhookId } of entries) {
    ids.push(webhookId);
    if (ids.length === limit) break;
  }
  return ids;
}

describe("the history of a source over many days", () => {
  it("is the newest first, whichever day answers first", async () => {
    const { reader } = historyOf();
    const ids = await read(reader.bySource("shop", window(40)));
    expect(ids).toHaveLength(2 * 41);
    expect(ids).toEqual(ids.toSorted().reverse());
  });

  it("is asked for several days at a time, and each day once", async () => {
    const { reader, asked, mostRunning } = historyOf();
    await read(reader.bySource("shop", window(89)));
    expect(asked).toHaveLength(90 * shards);
    expect(new Set(asked).size).toBe(90);
    expect(mostRunning()).toBeGreaterThan(2 * shards);
  });

  it("takes no more connections than the SDK has, however many sources are read at once", async () => {
    const { reader, mostRunning } = historyOf();
    const sources = Array.from({ length: 50 }, (_, index) => `source-${index}`);
    await Promise.all(sources.map((source) => read(reader.bySource(source, window(10)))));
    expect(mostRunning()).toBe(32);
  });

  it("is asked for one day only, if that is enough", async () => {
    const { reader, asked } = historyOf();
    expect(await read(reader.bySource("shop", window(89)), 2)).toHaveLength(2);
    expect(new Set(asked)).toEqual(new Set(["2026-11-26"]));
  });

  it("fails only for who reads as far as the day that cannot be read", async () => {
    const failing = historyOf({ fails: "2026-11-24" });
    await expect(read(failing.reader.bySource("shop", window(10)), 4)).resolves.toHaveLength(4);
    await expect(read(failing.reader.bySource("shop", window(10)))).rejects.toThrow("DynamoDB is away");
  });
});
