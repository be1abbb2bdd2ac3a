import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HistoryFeed } from "../../inspector/stream/history-feed.js";
import type { HistoryReader } from "../../ops/history/read-history.js";
import type { HistoryItem } from "../../runtime/history/item.js";

const minute = 60_000;
const start = Date.parse("2026-11-26T08:00:00Z");

/** A history in memory, with its index by source. */
class History implements HistoryReader {
  readonly items = new Map<string, HistoryItem>();
  isBroken = false;

  put(id: string, part: Partial<HistoryItem> = {}): HistoryItem {
    const item: HistoryItem = {
      webhookId: `shop/${id}`,
      source: "shop",
      eventId: id,
      receivedAt: Date.now(),
      requestId: `request-${id}`,
      status: "processed",
      attempts: 1,
      expiresAt: 0,
      finishedAt: Date.now(),
      ...part,
    };
    this.items.set(item.webhookId, item);
    return item;
  }

  async *bySource(source: string, { from, to }: { from: number; to: number }) {
    if (this.isBroken) throw new Error("the table does not answer");
    const found = [...this.items.values()].filter(
      (item) => item.source === source && item.receivedAt >= from && item.receivedAt < to,
    );
    yield* found.map(({ webhookId, receivedAt }) => ({ webhookId, receivedAt }));
  }

  byAttention(): AsyncIterable<never> {
    throw new Error("nobody asks for it");
  }

  async get(webhookId: string) {
    return this.items.get(webhookId);
  }

  async getAll(webhookIds: readonly string[]) {
    return webhookIds.flatMap((id) => this.items.get(id) ?? []);
  }
}

let history: History;
let feed: HistoryFeed;

beforeEach(() => {
  vi.useFakeTimers({ now: start, toFake: ["Date"] });
  history = new History();
  const source = {
    signature: { kind: "none" as const },
    eventId: ["request-id" as const],
    keepPayload: "all" as const,
    subscribers: {},
  };
  feed = new HistoryFeed({
    outputs: { operations: { lanes: {}, sources: { shop: source }, keyArn: "" } },
    reader: history,
    payloadOf: async () => undefined,
    pauseMilliseconds: 1_000,
  });
});
afterEach(() => vi.useRealTimers());

/** Lets time pass and looks again. */
async function lookAfter(milliseconds: number): Promise<string> {
  vi.setSystemTime(Date.now() + milliseconds);
  return feed.cursor();
}

async function since(cursor: string): Promise<string[]> {
  const position = feed.positionOf(cursor);
  if (position === undefined) throw new Error(`${cursor} is not known`);
  const { changes } = await feed.since(position);
  return changes.map(({ item }) => `${item.eventId} ${item.status} ${item.attempts}`);
}

describe("the feed of a history", () => {
  it("has what changed since a cursor, each webhook once and as it is now", async () => {
    history.put("before");
    const cursor = await feed.cursor();
    history.put("one", { status: "processing" });
    await lookAfter(2_000);
    history.put("one");
    history.put("two");
    const later = await lookAfter(2_000);
    expect(await since(cursor)).toEqual(["one processed 1", "two processed 1"]);
    expect(await since(later)).toEqual([]);
  });

  it("goes on where it ended after nobody has listened for long", async () => {
    const cursor = await feed.cursor();
    vi.setSystemTime(start + 20 * minute);
    history.put("missed");
    await lookAfter(20 * minute);
    expect(await since(cursor)).toEqual(["missed processed 1"]);
  });

  it("finds what waited in a queue for long, and nothing that ended before", async () => {
    history.put("old", { receivedAt: start - 90 * minute, finishedAt: start - 90 * minute });
    const cursor = await feed.cursor();
    feed.queuesWait(2 * 60 * minute);
    // The queue is empty before the next look.
    feed.queuesWait(0);
    history.put("waited", { receivedAt: start - 2 * 60 * minute });
    await lookAfter(2_000);
    expect(await since(cursor)).toEqual(["waited processed 1"]);
  });

  it("tells of a replay of an old webhook that is expected to change", async () => {
    const old = history.put("old", { receivedAt: start - 600 * minute, finishedAt: start - 600 * minute });
    const cursor = await feed.cursor();
    await feed.expect([old], minute);
    await lookAfter(2_000);
    expect(await since(cursor)).toEqual([]);
    history.put("old", { receivedAt: old.receivedAt, attempts: 2 });
    await lookAfter(2_000);
    expect(await since(cursor)).toEqual(["old processed 2"]);
  });

  it("tells of one that a list has shown and that had not ended, however long that takes", async () => {
    const failed = history.put("failing", { status: "failed", receivedAt: start - 60 * minute });
    feed.know([failed]);
    const cursor = await feed.cursor();
    await lookAfter(30 * minute);
    expect(await since(cursor)).toEqual([]);
    history.put("failing", { receivedAt: failed.receivedAt, attempts: 3 });
    await lookAfter(2_000);
    expect(await since(cursor)).toEqual(["failing processed 3"]);
  });

  it("hands out many changes in parts, without a gap or a double", async () => {
    const cursor = await feed.cursor();
    for (let count = 0; count < 250; count += 1) history.put(`w-${count}`);
    await lookAfter(2_000);
    const ids: string[] = [];
    let position = feed.positionOf(cursor) ?? 0;
    let isMore = true;
    let parts = 0;
    while (isMore) {
      const part = await feed.since(position);
      ids.push(...part.changes.map(({ item }) => item.eventId));
      ({ position, isMore } = part);
      parts += 1;
    }
    expect(parts).toBe(3);
    expect(ids).toEqual(Array.from({ length: 250 }, (_, count) => `w-${count}`));
  });

  it("forgets the oldest changes, and knows that it has", async () => {
    const cursor = await feed.cursor();
    for (let count = 0; count < 50_001; count += 1) history.put(`w-${count}`);
    const now = await lookAfter(2_000);
    expect(feed.positionOf(cursor)).toBeUndefined();
    expect(feed.positionOf(now)).toBe(50_001);
  });

  it("knows no cursor of another feed, nor one of what is still to come", async () => {
    const cursor = await feed.cursor();
    expect(feed.positionOf("00000000-0")).toBeUndefined();
    expect(feed.positionOf(cursor.replace(/\d+$/, "7"))).toBeUndefined();
    expect(feed.positionOf("nonsense")).toBeUndefined();
  });

  it("says that the history cannot be read, until it can", async () => {
    history.isBroken = true;
    await expect(feed.cursor()).rejects.toThrow("the table does not answer");
    expect(feed.state.problem).toEqual(new Error("the table does not answer"));
    history.isBroken = false;
    await feed.cursor();
    expect(feed.state).toEqual({ readAt: start });
  });
});
