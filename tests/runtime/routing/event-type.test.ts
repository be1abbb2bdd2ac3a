import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesType } from "../../../runtime/routing/event-type.js";

describe("matchesType", () => {
  it.each([
    ["push", "push", true],
    ["push", "pushed", false],
    ["push", "Push", false],
    ["issues.*", "issues.opened", true],
    ["issues.*", "issues", false],
    ["*", "anything", true],
    ["*.deleted", "a.deleted", true],
    ["a*b*c", "aXbYc", true],
    ["a*b*c", "acb", false],
    ["aba*aba", "aba", false],
    ["aba*aba", "ababa", false],
    ["a.c", "abc", false],
    ["a*", "a", true],
    ["**", "a", true],
  ])("%s and %s: %s", (pattern, type, expected) => {
    expect(matchesType(pattern, type)).toBe(expected);
  });

  it("means what the same pattern means as a regular expression", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 8 });
    const plain = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
    fc.assert(
      fc.property(letters, plain, (pattern, type) => {
        const source = pattern
          .split("*")
          .map((part) => part.replaceAll(".", "\\."))
          .join(".*");
        expect(matchesType(pattern, type)).toBe(new RegExp(`^${source}$`).test(type));
      }),
    );
  });

  it("does not take its time over patterns with many stars", () => {
    const startedAt = performance.now();
    expect(matchesType(`${"*a".repeat(60)}*b`, "a".repeat(256))).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(100);
  });
});
