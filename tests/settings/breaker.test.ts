import { describe, expect, it } from "vitest";
import { lanesOf } from "../../settings/lanes.js";
import { parseSettings, SettingsError, type SettingsInput } from "../../settings/settings.js";

const github = { name: "github", signature: { scheme: "github" } } as const;
const stripe = { name: "stripe", signature: { scheme: "stripe" } } as const;

function laneOf(changes: Partial<SettingsInput> = {}) {
  const [lane] = lanesOf(parseSettings({ sources: [github], ...changes }), "webhooks");
  if (lane === undefined) throw new Error("there is no lane");
  return lane;
}

function problemsOf(changes: Partial<SettingsInput>): readonly string[] {
  try {
    parseSettings({ sources: [github], ...changes });
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

const target = { handler: "billing" } as const;

describe("a subscriber's breaker", () => {
  const lanes = (changes: object, settings: Partial<SettingsInput> = {}) => {
    const subscribers = [
      { name: "billing", target, ...changes },
      { name: "lake", target, breaker: false as const },
    ];
    return lanesOf(parseSettings({ sources: [{ ...stripe, subscribers }], ...settings }), "webhooks");
  };

  it("is the stage's, or its own, or none", () => {
    const breakers = lanesOf(
      parseSettings({
        sources: [
          {
            ...stripe,
            subscribers: [
              { name: "billing", target },
              { name: "chat", target, breaker: { failures: 5 } },
              { name: "lake", target, breaker: false },
            ],
          },
        ],
      }),
      "webhooks",
    ).flatMap(({ definition }) => definition.subscribers ?? []);

    expect(breakers.map(({ breaker }) => breaker?.failures)).toEqual([20, 5, undefined]);
  });

  it("is in its own lane, and its source, which calls no target, has none", () => {
    const made = lanes({}).map(({ name, hasBreaker, sendsAgain }) => [name, hasBreaker, sendsAgain]);

    expect(made).toEqual([
      ["webhooks", false, false],
      ["webhooks-stripe_to_billing", true, true],
      ["webhooks-stripe_to_lake", false, false],
    ]);
  });

  it("sends no message again where order is kept", () => {
    const fifo = lanesOf(
      parseSettings({
        sources: [{ ...stripe, orderBy: "constant:all", subscribers: [{ name: "billing", target }] }],
        queue: { type: "fifo" },
      }),
      "webhooks",
    );
    expect(fifo.map(({ hasBreaker, sendsAgain }) => [hasBreaker, sendsAgain])).toEqual([
      [false, false],
      [true, false],
    ]);
  });

  it("holds a webhook for less time if the subscriber's own delays are longer", () => {
    const holding = (changes: object) =>
      lanes(changes)[1]?.definition.subscribers?.[0]?.breaker?.holdingSeconds ?? Number.NaN;

    expect(holding({ backoff: { baseSeconds: 900, maxSeconds: 10_000 } })).toBeLessThan(holding({}));
  });
});

describe("a source's breaker", () => {
  it("leaves its target alone after 20 failures in a row, for 5 minutes at most, unless the settings say otherwise", () => {
    expect(laneOf().definition.sources[0]?.breaker).toMatchObject({ failures: 20, longestSeconds: 300 });
  });

  it("is the stage's, or its own, or none", () => {
    const { definition } = laneOf({
      sources: [github, { ...stripe, breaker: { failures: 5 } }],
      processor: { breaker: false },
    });

    expect(definition.sources.map(({ breaker }) => breaker?.failures)).toEqual([undefined, 5]);
  });

  it("holds a webhook for as long as the queue keeps it, less the time of its tries", () => {
    const { definition } = laneOf({
      queue: { retentionDays: 1, maxReceiveCount: 3 },
      processor: { timeoutSeconds: 10, backoff: { baseSeconds: 30, maxSeconds: 60 } },
    });

    // Two deliveries that are handled for 10 s and delayed for 60 s, and the visibility timeout of 60 s after the third.
    expect(definition.sources[0]?.breaker?.holdingSeconds).toBe(86_400 - 2 * 70 - 60);
  });

  it("counts a source's own delays for that", () => {
    const patient = { ...github, backoff: { baseSeconds: 900, maxSeconds: 3_600 } };
    const [usual, own] = [laneOf(), laneOf({ sources: [patient] })].map(
      ({ definition }) => definition.sources[0]?.breaker?.holdingSeconds ?? 0,
    );

    expect(own).not.toBe(usual);
  });

  it.each([
    ["standard", {}, true],
    ["standard", { breaker: false }, false],
    ["fifo", {}, false],
  ] as const)(
    "lets the function of a %s queue with %j send its messages again: %s",
    (type, breaker, sends) => {
      const source = {
        ...github,
        ...breaker,
        ...(type === "fifo" ? { orderBy: "constant:all" as const } : {}),
      };
      expect(laneOf({ sources: [source], queue: { type } }).sendsAgain).toBe(sends);
    },
  );

  it.each([
    [{ failures: 0 }, "processor.breaker.failures: must be a whole number of failures from 1 to 10000"],
    [
      { longestSeconds: 901 },
      "processor.breaker.longestSeconds: must be a whole number of seconds from 10 to 900",
    ],
    [{ seconds: 5 }, "processor.breaker.seconds: is not a setting"],
  ])("names what is wrong with %j", (breaker, problem) => {
    expect(problemsOf({ processor: { breaker: breaker as never } })).toEqual([problem]);
  });

  it("has to be false or an object", () => {
    const [problem] = problemsOf({ processor: { breaker: true as never } });
    expect(problem).toMatch(/^processor\.breaker: /);
  });
});
