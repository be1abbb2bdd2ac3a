import { describe, expect, it } from "vitest";
import { parseEventPattern } from "../../../settings/filters/event-pattern.js";
import { parseSettings, type SettingsError } from "../../../settings/settings.js";

/** `path: message` of each problem of a pattern. */
function problemsOf(pattern: unknown): string[] {
  const parsed = parseEventPattern(pattern);
  return "problems" in parsed
    ? parsed.problems.map(({ path, message }) => `${path.join(".")}: ${message}`)
    : [];
}

/** The problems of a clause for `body.a`. */
const clauseProblemsOf = (clause: unknown) =>
  problemsOf({ body: { a: [clause] } }).map((problem) => problem.replace(/^body\.a\./, ""));

describe("an event pattern", () => {
  it("becomes fields with their clauses, in plain JSON", () => {
    const pattern = {
      source: ["shop"],
      headers: { "X-Shop": [{ prefix: "a" }] },
      body: {
        ip: ["10.0.0.1"],
        amount: [{ numeric: [">", 0, "<=", 5] }],
        state: [{ "anything-but": "open" }, null],
      },
    };
    const parsed = parseEventPattern(pattern);
    expect(parsed).toEqual({
      pattern: {
        fields: [
          { path: ["source"], clauses: ["shop"] },
          { path: ["headers", "x-shop"], clauses: [{ prefix: "a" }] },
          { path: ["body", "ip"], clauses: [{ address: "10.0.0.1" }] },
          {
            path: ["body", "amount"],
            clauses: [
              {
                numeric: [
                  [">", 0],
                  ["<=", 5],
                ],
              },
            ],
          },
          { path: ["body", "state"], clauses: [{ "anything-but": ["open"] }, null] },
        ],
        anyOf: [[0, 1, 2, 3, 4]],
      },
    });
    expect(JSON.parse(JSON.stringify(parsed))).toEqual(parsed);
  });

  it("stands for a combination of fields for each choice of alternatives", () => {
    const pattern = {
      type: ["a"],
      $or: [{ body: { a: [1] } }, { body: { $or: [{ b: [2] }, { c: [3], d: [4] }] } }],
      query: { $or: [{ x: ["1"] }, { y: ["1"] }] },
    };
    expect(parseEventPattern(pattern)).toMatchObject({
      pattern: {
        anyOf: [
          [0, 1, 5],
          [0, 1, 6],
          [0, 2, 5],
          [0, 2, 6],
          [0, 3, 4, 5],
          [0, 3, 4, 6],
        ],
      },
    });
  });

  it("may look at a body that is a list or a single value", () => {
    expect(problemsOf({ body: ["ping"] })).toEqual([]);
  });

  it.each<[pattern: unknown, ...problems: string[]]>([
    [[], ": must be an object of fields"],
    [{}, ": must have at least one field"],
    [{ body: {} }, "body: must have at least one field"],
    [{ body: { a: {} } }, "body.a: must have at least one field"],
    [{ body: { a: [] } }, "body.a: must not be empty"],
    [{ body: { a: "x" } }, 'body.a: must be a list of the values that fit, such as ["paid"]'],
    [{ body: null }, "body: must be a list of the values that fit"],
    [{ detail: { a: ["x"] } }, "detail: is not a part of a webhook: a pattern looks at source, type"],
    [{ "detail-type": ["x"] }, "detail-type: is not a part of a webhook"],
    [{ source: { a: ["x"] } }, "source: is a text, so it takes a list of values"],
    [{ headers: ["x"] }, "headers: must be an object with the names of headers"],
    [{ query: ["x"] }, "query: must be an object with the names of query parameters"],
    [{ headers: { a: { b: ["x"] } } }, "headers.a: is a text, so it takes a list of values"],
    [{ headers: { "X-A": ["x"], "x-a": ["y"] } }, "headers.x-a: is there twice"],
    [{ $or: { body: { a: [1] } } }, "$or: must be a list of at least two objects"],
    [{ $or: [{ body: { a: [1] } }] }, "$or: must be a list of at least two objects"],
    [{ $or: [{ body: { a: [1] } }, "x"] }, "$or.1: must be an object of fields"],
    [{ $or: [{ bdy: { a: [1] } }, { body: { b: [1] } }] }, "$or.0.bdy: is not a part of a webhook"],
    [
      { body: { $or: [{ prefix: [1] }, { b: [1] }] } },
      'body.$or.0.prefix: cannot be a field inside $or: EventBridge takes "prefix"',
    ],
    [
      { body: { a: [1], $or: [{ a: [2] }, { b: [2] }] } },
      "body.$or.0.a: is there twice: one of the two would replace the other",
    ],
    [
      { body: { a: [1] }, $or: [{ body: { a: { b: [2] } } }, { body: { c: [2] } }] },
      "$or.0.body.a.b: is inside a field that is compared itself",
    ],
    [
      { body: { a: ["x", 5, ["y"]], b: [{ prefix: 5 }] }, hedaers: {} },
      "body.a.2: must be a text, a number, true, false, null, or an operator",
      "body.b.0.prefix: must be a text",
      "hedaers: is not a part of a webhook",
    ],
  ])("is refused as %j, with the places that are wrong", (pattern, ...problems) => {
    const found = problemsOf(pattern);
    expect(found).toHaveLength(problems.length);
    for (const [index, problem] of problems.entries()) expect(found[index]).toContain(problem);
  });

  it("is refused with more combinations than can be tried, without making them all", () => {
    const either = (name: string) => ({
      $or: Array.from({ length: 11 }, (_, index) => ({ [`${name}${index}`]: [1] })),
    });
    const [two, three, twelve] = [2, 3, 12].map((count) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, either("f")])),
    );
    expect(problemsOf({ body: two })).toEqual([]);
    expect(problemsOf({ body: three })).toEqual(["body: stands for more than 1000 combinations of fields"]);
    expect(problemsOf({ body: twelve })).toEqual(["body: stands for more than 1000 combinations of fields"]);
  });

  it("is refused if it is nested far too deeply", () => {
    const deep = (levels: number): object => (levels === 0 ? { z: [1] } : { a: deep(levels - 1) });
    expect(problemsOf({ body: deep(90) })).toEqual([]);
    expect(problemsOf({ body: deep(5_000) })[0]).toMatch(/: is nested more than 100 levels deep$/);
  });
});

describe("a clause", () => {
  it.each<[clause: unknown, problem: string]>([
    [
      { equals: "x" },
      "0.equals: is not an operator here; the operators are prefix, suffix, equals-ignore-case, wildcard",
    ],
    [{}, "0: must have exactly one operator"],
    [{ prefix: "a", suffix: "b" }, "0: must have exactly one operator"],
    [
      { prefix: { wildcard: "a" } },
      "0.prefix.wildcard: is not an operator here; the operators are equals-ignore-case",
    ],
    [{ prefix: { "equals-ignore-case": 5 } }, "0.prefix.equals-ignore-case: must be a text"],
    [{ prefix: "\ud83d" }, "0.prefix: has half a character"],
    [{ "equals-ignore-case": "😀" }, "0.equals-ignore-case: cannot ignore the case of emoji"],
    [{ wildcard: "a**b" }, "0.wildcard: has two * in a row"],
    [{ wildcard: "\\a" }, "0.wildcard: has a \\ that escapes neither * nor \\"],
    [{ wildcard: "a\\" }, "0.wildcard: has a \\ that escapes neither * nor \\"],
    [
      { "anything-but": null },
      "0.anything-but: must be a text, a number, a list of texts or a list of numbers",
    ],
    [
      { "anything-but": ["a", 1] },
      "0.anything-but: must be a text, a number, a list of texts or a list of numbers",
    ],
    [{ "anything-but": [] }, "0.anything-but: must not be empty"],
    [
      { "anything-but": { prefix: "" } },
      "0.anything-but.prefix: must not be empty: it would exclude every text",
    ],
    [{ "anything-but": { suffix: ["a", ""] } }, "0.anything-but.suffix.1: must not be empty"],
    [{ "anything-but": { numeric: ["=", 1] } }, "0.anything-but.numeric: is not an operator here"],
    [{ "anything-but": 6e9 }, "0.anything-but: must be from -5000000000 to 5000000000"],
    [{ numeric: 5 }, '0.numeric: must be a list such as ["=", 5]'],
    [{ numeric: [">"] }, '0.numeric: must be a list such as ["=", 5]'],
    [{ numeric: ["!=", 5] }, "0.numeric.0: must be one of = < <= > >="],
    [{ numeric: [">", "5"] }, "0.numeric.1: must be a number"],
    [{ numeric: [">", 6e9] }, "0.numeric.1: must be from -5000000000 to 5000000000"],
    [{ numeric: ["<", 5, ">", 1] }, "0.numeric.0: must be one of > >="],
    [{ numeric: [">", 1, ">", 5] }, "0.numeric.2: must be one of < <="],
    [{ numeric: [">", 5, "<", 1] }, "0.numeric: leaves no number"],
    [{ numeric: ["<", -5e9] }, "0.numeric: leaves no number"],
    [{ exists: "true" }, "0.exists: must be true or false"],
    [{ cidr: "10.0.0.1" }, "0.cidr: must be a range of IP addresses, such as 10.0.0.0/8"],
    [{ cidr: "10.0.0.1/32" }, "0.cidr: must be a range of IP addresses"],
    [{ cidr: "10.0.0.256/8" }, "0.cidr: must be a range of IP addresses"],
    [2 ** 53, "0: is too large: the settings keep whole numbers exactly up to 9007199254740991"],
    [1e300, "0: is too large"],
  ])("is refused as %j", (clause, problem) => {
    expect(clauseProblemsOf(clause)).toEqual([expect.stringContaining(problem)]);
  });
});

describe("a stage's settings", () => {
  const source = { name: "shop", signature: { scheme: "none" }, eventId: ["json:id"] };
  const settingsWith = (filter: unknown, changes: object = {}) =>
    parseSettings({ sources: [{ ...source, filter, ...changes }] });
  const linesOf = (...args: Parameters<typeof settingsWith>) => {
    try {
      settingsWith(...args);
      return [];
    } catch (error) {
      return (error as SettingsError).problems;
    }
  };

  it("give a source's pattern to the function", () => {
    const { sources } = settingsWith({ pattern: { body: { paid: [true] } } });
    expect(sources[0]?.definition.filter).toEqual({
      pattern: { fields: [{ path: ["body", "paid"], clauses: [true] }], anyOf: [[0]] },
    });
  });

  it("name each mistake in a pattern by its path", () => {
    expect(
      linesOf({ pattern: { body: { amount: [{ numeric: [">", "100"] }], "": [{ exists: 1 }] } } }),
    ).toEqual([
      "sources[0].filter.pattern.body.amount[0].numeric[1]: must be a number",
      "sources[0].filter.pattern.body.[0].exists: must be true or false",
    ]);
    expect(linesOf({ pattern: "paid" })[0]).toMatch(/^sources\[0\]\.filter\.pattern: /);
    expect(linesOf({})[0]).toBe(
      "sources[0].filter: must have include, exclude or pattern, or several of them",
    );
  });

  it("need the place of the event type only for a filter that looks at it", () => {
    const needed = [
      "sources[0].filter: needs eventType: it is not known where this source puts the event type",
    ];
    expect(linesOf({ pattern: { body: { a: [1] } } })).toEqual([]);
    expect(linesOf({ pattern: { type: ["paid"] } })).toEqual(needed);
    expect(linesOf({ pattern: { $or: [{ type: ["paid"] }, { body: { a: [1] } }] } })).toEqual(needed);
    expect(linesOf({ include: ["paid"] })).toEqual(needed);
    expect(linesOf({ pattern: { type: ["paid"] } }, { eventType: "json:type" })).toEqual([]);
  });
});
