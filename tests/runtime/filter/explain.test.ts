import { describe, expect, it } from "vitest";
import { whyMatch, whyNoMatch } from "../../../runtime/filter/explain.js";
import { parseEventPattern } from "../../../settings/filters/event-pattern.js";

function patternOf(raw: object) {
  const parsed = parseEventPattern(raw);
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.pattern;
}

const nothing = () => false;

/** The reason for which a body does not fit. */
const why = (pattern: object, body: unknown) => whyNoMatch({ body }, patternOf({ body: pattern }), nothing);

describe("the reason why a webhook does not fit a pattern", () => {
  it("is the clause and the value that decided", () => {
    expect(why({ amount: [{ numeric: [">", 100] }] }, { amount: 5 })).toBe("body.amount was 5, needs > 100");
    expect(why({ amount: [{ numeric: [">", 100] }] }, { amount: 101 })).toBeUndefined();
  });

  it.each<[clause: unknown, words: string]>([
    ["paid", '"paid"'],
    [7, "7"],
    [null, "null"],
    [true, "true"],
    [{ numeric: [">", 0, "<=", 5] }, "> 0 and <= 5"],
    [{ prefix: "a" }, 'a text that starts with "a"'],
    [{ prefix: { "equals-ignore-case": "a" } }, 'a text that starts with "a" in upper or lower case'],
    [{ suffix: "a" }, 'a text that ends with "a"'],
    [{ "equals-ignore-case": "a" }, '"a" in upper or lower case'],
    [{ wildcard: "a*" }, 'a text like "a*"'],
    [{ cidr: "10.0.0.0/8" }, "an address in 10.0.0.0/8"],
    ["10.0.0.1", '"10.0.0.1"'],
    [{ "anything-but": "open" }, 'anything but "open"'],
    [{ "anything-but": { prefix: ["op", "o"] } }, 'anything but a text that starts with "op" or "o"'],
    [{ "anything-but": { suffix: "en" } }, 'anything but a text that ends with "en"'],
    [{ "anything-but": { wildcard: "*p*" } }, 'anything but a text like "*p*"'],
    [{ "anything-but": { "equals-ignore-case": "OPEN" } }, 'anything but "OPEN" in upper or lower case'],
    [{ exists: false }, "no value"],
  ])("says for %j: needs %s", (clause, words) => {
    expect(why({ status: [clause] }, { status: "open" })).toBe(`body.status was "open", needs ${words}`);
  });

  it.each<[body: unknown, words: string]>([
    [{}, "is missing"],
    [undefined, "is missing"],
    [{ status: null }, "was null"],
    [{ status: { code: 1 } }, "was an object"],
    [{ status: [] }, "was a list without values"],
    [{ status: ["a", ["b"]] }, 'was "a", "b"'],
    [{ status: ["a", "b", "c", "d", "e"] }, 'was "a", "b", "c", others'],
    [{ status: "a\nb" }, String.raw`was "a\nb"`],
  ])("says of %j: %s", (body, words) => {
    expect(why({ status: ["paid", { exists: true }] }, body) ?? why({ status: ["paid"] }, body)).toMatch(
      `body.status ${words}, needs "paid"`,
    );
  });

  it("says of a number that is too large to be compared that it is", () => {
    expect(why({ amount: [{ numeric: [">", 100] }] }, { amount: 6e9 })).toBe(
      "body.amount was 6000000000 (numbers are compared from -5000000000 to 5000000000), needs > 100",
    );
  });

  it("names the first field that decides, in the order in which they are written", () => {
    expect(why({ b: [1], a: [1], c: [1] }, { b: 1, a: 2, c: 2 })).toBe("body.a was 2, needs 1");
  });

  it("names the fields that different members of a list fit", () => {
    const items = [
      { sku: "a", quantity: 1 },
      { sku: "b", quantity: 9 },
    ];
    expect(why({ items: { sku: ["a"], quantity: [{ numeric: [">", 5] }] } }, { items })).toBe(
      'no single member of a list fits body.items.sku ("a") and body.items.quantity (> 5)',
    );
  });

  it("names what must not be there, in a list too", () => {
    const pattern = { items: { a: [1], b: [{ exists: false }] } };
    expect(why(pattern, { items: [{ a: 1, b: 2 }] })).toBe("body.items.b was 2, needs no value");
    expect(why(pattern, { items: [{ a: 1 }, { b: 2 }] })).toBeUndefined();
  });

  it("says what decided in the alternatives of $or", () => {
    const pattern = { $or: [{ a: [1] }, { b: [2] }, { c: [3] }, { d: [4] }, { e: [5] }] };
    expect(why({ $or: [{ a: [1] }, { b: [2] }] }, { a: 2 })).toBe(
      "no alternative of $or fits: body.a was 2, needs 1; body.b is missing, needs 2",
    );
    expect(why(pattern, {})).toMatch(/needs 3; and others$/);
  });

  it("names what decides in all alternatives once", () => {
    expect(why({ z: [0], $or: [{ a: [1] }, { b: [2] }] }, { z: 1, a: 1 })).toBe("body.z was 1, needs 0");
  });

  it("shows no value that must stay hidden", () => {
    const pattern = patternOf({ body: { people: { email: ["a@example.com"] } } });
    const event = { body: { people: [{ email: "b@example.com" }, { email: "c@example.com" }] } };
    const isHidden = (place: readonly (string | number)[]) => place.join(".") === "body.people.1.email";
    expect(whyNoMatch(event, pattern, isHidden)).toBe(
      'body.people.email was "b@example.com", [redacted], needs "a@example.com"',
    );
  });

  it("is short, however long the values, the pattern and its keys are", () => {
    const long = "😀".repeat(10_000);
    const reasons = [
      why({ a: ["x"] }, { a: long }),
      why({ a: [long] }, { a: "x" }),
      why({ [long]: ["x"] }, { [long]: "y" }),
      why(
        { $or: [{ a: [long] }, { b: [long] }, { c: [long] }, { d: [long] }] },
        { a: [`${long}x`, `${long}y`] },
      ),
    ];
    for (const reason of reasons) {
      expect(reason?.length).toBeLessThanOrEqual(501);
      expect(reason?.isWellFormed()).toBe(true);
    }
  });
});

describe("the reason why a webhook fits a pattern", () => {
  it("is each field of the alternative that fits, with its value", () => {
    const pattern = patternOf({
      source: ["shop"],
      $or: [{ body: { a: [1] } }, { body: { b: [{ numeric: [">", 1] }] } }],
    });
    expect(whyMatch({ source: "shop", body: { b: 2 } }, pattern, nothing)).toEqual([
      'source was "shop", needs "shop"',
      "body.b was 2, needs > 1",
    ]);
  });
});
