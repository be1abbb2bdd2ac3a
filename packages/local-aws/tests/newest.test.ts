import { describe, expect, it } from "vitest";
import { pushNewest } from "../newest.js";
import { MetricStore } from "../watching/metrics.js";

describe("what a process that runs for days keeps", () => {
  it("is the newest of a list, which stays the same list for those who look at it", () => {
    const list: number[] = [];
    for (let entry = 0; entry < 10; entry++) pushNewest(list, entry, 3);
    expect(list).toEqual([7, 8, 9]);
  });

  it("is up to a tenth more, so that the oldest are dropped together", () => {
    const list: number[] = [];
    const lengths = new Set<number>();
    for (let entry = 0; entry < 100; entry++) {
      pushNewest(list, entry, 20);
      lengths.add(list.length);
    }
    expect(Math.max(...lengths)).toBe(22);
    expect(list.slice(-20)).toEqual(Array.from({ length: 20 }, (_, index) => 80 + index));
  });

  it("is at most 100,000 points of a metric, even if its first point lies in the future", () => {
    const store = new MetricStore(86_400);
    const now = Date.now();
    store.record("N", "M", {}, -1, now + 3_600_000);
    for (let point = 0; point < 250_000; point++) store.record("N", "M", {}, point, now);
    const values = store.values({ namespace: "N", name: "M", dimensions: {} }, 0, now + 7_200_000);
    expect(values.length).toBeLessThanOrEqual(100_000);
    expect(values.length).toBeGreaterThanOrEqual(90_000);
    expect(values.slice(-2)).toEqual([249_999, -1]);
  });

  it("is 5,000 metrics at most, those that were recorded last", () => {
    const store = new MetricStore(60);
    const metric = (id: number) => ({ namespace: "N", name: "M", dimensions: { id: String(id) } });
    for (let id = 0; id < 6_000; id++) {
      store.record("N", "Gauge", {}, 1);
      store.record("N", "M", metric(id).dimensions, 1);
    }
    expect(store.seen()).toHaveLength(5_000);
    expect(store.has({ namespace: "N", name: "Gauge", dimensions: {} })).toBe(true);
    expect([store.has(metric(0)), store.has(metric(5_999))]).toEqual([false, true]);
  });
});
