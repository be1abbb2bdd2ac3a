import { describe, expect, it } from "vitest";
import { parsedFor } from "../../../runtime/filter/filtered-event.js";
import { PatternMatch } from "../../../runtime/filter/match.js";
import { parseEventPattern } from "../../../settings/filters/event-pattern.js";

/** Whether a body, given as JSON, fits a pattern. */
function fits(pattern: object, body: string): boolean {
  const parsed = parseEventPattern({ body: pattern });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return fitting(parsed.pattern, body);
}

function fitting(pattern: ConstructorParameters<typeof PatternMatch>[1], body: string): boolean {
  const match = new PatternMatch({ body: parsedFor(pattern, Buffer.from(body)) }, pattern);
  return match.fitting !== undefined;
}

function secondsOf(work: () => unknown): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1_000;
}

describe("a body that is made to cost much", () => {
  const nested = (value: string, depth = 100_000) => `${"[".repeat(depth)}${value}${"]".repeat(depth)}`;

  it("can be nested deeper than calls can", () => {
    expect(fits({ a: [1] }, `{"a":${nested("1")}}`)).toBe(true);
    expect(fits({ a: [2] }, `{"a":${nested("1")}}`)).toBe(false);
    expect(fits({ a: [{ exists: false }] }, `{"a":${nested("")}}`)).toBe(true);
    expect(fits({ a: { b: [1], c: [{ exists: false }] } }, `{"a":${nested('{"b":1},{"c":1}')}}`)).toBe(true);
    expect(fits({ a: { c: [1] }, b: [1] }, nested('{"b":1,"a":{"c":[1]}}'))).toBe(true);
  });

  it("can be nested that deep also where the digits of its numbers count", () => {
    expect(fits({ a: [6_000_000_000] }, `{"a":${nested("6000000000")}}`)).toBe(true);
    expect(fits({ a: [6_000_000_000] }, `{"a":${nested("6000000001")}}`)).toBe(false);
  });

  it("can have objects in objects under a key that the pattern names", () => {
    const depth = 50_000;
    expect(fits({ a: { a: { b: [1] } } }, `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`)).toBe(false);
  });

  it("takes time that grows with its size, and not with the ways to fit it", () => {
    const items = Array.from(
      { length: 50_000 },
      (_, index) => `{"a":[1,1,1],"b":[1,1,1],"c":[1,1,1],"d":${index}}`,
    );
    const pattern = { i: { a: [1], b: [1], c: [1], d: ["none"] }, j: [{ exists: false }] };

    expect(secondsOf(() => fits(pattern, `{"i":[${items.join()}]}`))).toBeLessThan(10);
  });

  it.each(["*a*a*a*a*a*a*a*a*a*a*b", "a*a*a*a*a*a*a*a*c"])(
    "cannot make the wildcard %s try every way",
    (wildcard) => {
      expect(
        secondsOf(() => fits({ a: [{ wildcard }] }, JSON.stringify({ a: "a".repeat(200_000) }))),
      ).toBeLessThan(5);
    },
  );

  it("cannot make many alternatives scan it each", () => {
    const $or = Array.from({ length: 1_000 }, (_, index) => ({ b: [index], a: [index] }));
    const body = JSON.stringify({ a: Array(300_000).fill("x"), b: 1 });

    expect(secondsOf(() => fits({ $or }, body))).toBeLessThan(5);
  });
});

describe("what is compared in another way than by AWS's ruler, on purpose", () => {
  it("an IPv4 range has no IPv6 addresses that begin with the same digits, and no numbers", () => {
    expect(fits({ a: [{ cidr: "10.0.0.0/8" }] }, '{"a":"0a00:1::"}')).toBe(false);
    expect(fits({ a: [{ cidr: "16.0.0.0/8" }] }, '{"a":10000000}')).toBe(false);
  });

  it("a dot in a key is a part of the key", () => {
    expect(fits({ "a.b": [1] }, '{"a.b":1}')).toBe(true);
    expect(fits({ "a.b": [1] }, '{"a":{"b":1}}')).toBe(false);
    expect(fits({ a: { b: [1] } }, '{"a.b":1}')).toBe(false);
  });

  it("an empty key is a key like any other", () => {
    expect(fits({ a: { "": [1] } }, '{"a":{"":1}}')).toBe(true);
    expect(fits({ a: { "": [{ exists: false }] } }, '{"a":{"":1}}')).toBe(false);
  });

  it("clauses of one list are not mixed up", () => {
    expect(fits({ c: [{ wildcard: "*é" }, { prefix: { "equals-ignore-case": "öö" } }] }, '{"c":"xöö"}')).toBe(
      false,
    );
  });
});
