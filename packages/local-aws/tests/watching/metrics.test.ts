import { describe, expect, it } from "vitest";
import { isStatistic, MetricStore, statistic } from "../../watching/metrics.js";

describe("a statistic over a period", () => {
  it.each([
    ["SampleCount", 4],
    ["Sum", 10],
    ["Average", 2.5],
    ["Minimum", 1],
    ["Maximum", 4],
    ["p50", 2],
    ["p99", 4],
  ])("computes %s", (name, expected) => {
    expect(statistic(name, [3, 1, 4, 2])).toBe(expected);
  });

  it("is nothing where there is no data: not zero", () => {
    expect(statistic("Sum", [])).toBeUndefined();
  });

  it("knows what it can compute", () => {
    expect(["Sum", "p99.9", "p0", "p100"].filter(isStatistic)).toHaveLength(4);
    expect(["sum", "p101", "TM(10:90)", "undefined"].filter(isStatistic)).toEqual([]);
  });
});

describe("the metric store", () => {
  const now = Date.now();
  const metric = { namespace: "N", name: "M", dimensions: { A: "1", B: "2" } };

  it("finds a metric whatever the order of its dimensions, and only with all of them", () => {
    const store = new MetricStore(60);
    store.record("N", "M", { B: "2", A: "1" }, 5, now);
    expect(store.values(metric, now, now + 1)).toEqual([5]);
    expect(store.has({ ...metric, dimensions: { A: "1" } })).toBe(false);
  });

  it("gives the values of a span, its start included and its end not", () => {
    const store = new MetricStore(60);
    for (const after of [-1, 0, 9, 10]) store.record("N", "M", metric.dimensions, after, now + after);
    expect(store.values(metric, now, now + 10)).toEqual([0, 9]);
  });

  it("forgets what no alarm looks back to", () => {
    const store = new MetricStore(60);
    store.record("N", "M", metric.dimensions, 1, now - 200_000);
    store.record("N", "M", metric.dimensions, 2, now);
    expect(store.values(metric, 0, now + 1)).toEqual([2]);
  });
});
