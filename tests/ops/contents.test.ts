import { describe, expect, it } from "vitest";
import { fitsTypes } from "../../ops/history/contents.js";

describe("a type of events", () => {
  it.each([
    ["invoice.paid", "invoice.paid", true],
    ["invoice.paid", "invoice.pai", false],
    ["invoice.paid", "invoice.*", true],
    ["invoice.paid", "*.paid", true],
    ["invoice.paid", "i*.p*d", true],
    ["invoice.paid", "*", true],
    ["invoice.paid", "*paid*paid", false],
    ["aba", "ab*ba", false],
    ["a.b", "a?b", false],
  ])("%s: %s fits: %s", (type, pattern, isFit) => {
    expect(fitsTypes(type, [pattern])).toBe(isFit);
  });

  it("is one of several, and none fits a webhook without a type", () => {
    expect(fitsTypes("push", ["issues", "push"])).toBe(true);
    expect(fitsTypes(undefined, ["*"])).toBe(false);
  });

  it("is compared quickly, however many stars there are", () => {
    const started = performance.now();
    expect(fitsTypes("a".repeat(256), [`${"a*".repeat(100)}b`])).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
