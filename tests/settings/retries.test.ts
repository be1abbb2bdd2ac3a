import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BackoffDefinition } from "../../runtime/stage/definition.js";
import { lanesOf, retriesOf } from "../../settings/lanes.js";
import { medianHorizonSeconds, retriesInWords } from "../../settings/retries/horizon.js";
import { warningsOf } from "../../settings/rules.js";
import { parseSettings, SettingsError, type SettingsInput } from "../../settings/settings.js";
import { randomFrom } from "../support/proof/scenario.js";
import { assertProperty } from "../support/properties.js";
import { type Delivered, retryToTheEnd } from "../support/retried-webhook.js";

const github = { name: "github", signature: { scheme: "github" } } as const;
const sources = [github];
const minutes = 60;
const hours = 60 * minutes;

const settingsOf = (changes: Partial<SettingsInput> = {}) => parseSettings({ sources, ...changes });

/** The median of many webhooks that fail at once, with the delays that the function really asks for. */
async function measuredMedian(changes: Partial<SettingsInput>): Promise<number> {
  const random = randomFrom(7);
  const delivery = (): Delivered => ({ ends: "fails", seconds: 0 });
  const horizons: number[] = [];
  for (let webhook = 0; webhook < 501; webhook++) {
    const { horizonSeconds, deadLettered } = await retryToTheEnd(settingsOf(changes), { delivery, random });
    expect(deadLettered).toBe(true);
    horizons.push(horizonSeconds);
  }
  return horizons.sort((a, b) => a - b)[250] ?? 0;
}

function problemsOf(changes: Partial<SettingsInput>): readonly string[] {
  try {
    settingsOf(changes);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

describe("by default, a webhook that keeps failing", () => {
  it("is tried for hours on a standard queue, so that it outlives the outage of a target", async () => {
    const median = await measuredMedian({});
    expect(median).toBeGreaterThan(4 * hours);
    expect(median).toBeLessThan(8 * hours);
  });

  it("is tried for about ten minutes on a FIFO queue, where its group waits behind it", async () => {
    const median = await measuredMedian({ queue: { type: "fifo" } });
    expect(median).toBeGreaterThan(8 * minutes);
    expect(median).toBeLessThan(12 * minutes);
  });

  it("is tried by each queue as that queue's type asks for, while one of the other type is worked off", () => {
    const lanes = lanesOf(settingsOf({ queue: { type: "fifo", formerType: "standard" } }), "webhooks");
    expect(lanes.map((lane) => [lane.name, retriesOf(lane)])).toEqual([
      ["webhooks_fifo", "tried 14 times over about 10 minutes"],
      ["webhooks", "tried 14 times over about 5 hours"],
    ]);
  });

  it("is tried within what even the shortest retention allows", () => {
    expect(problemsOf({ queue: { retentionDays: 1 } })).toEqual([]);
  });
});

describe("the median time that a webhook is tried for", () => {
  it.each<[number, BackoffDefinition]>([
    [14, { baseSeconds: 20, maxSeconds: 6_000 }],
    [4, { baseSeconds: 30, maxSeconds: 100 }],
    [9, { baseSeconds: 900, maxSeconds: 900 }],
  ])("is the one that %d deliveries with %j have", async (maxReceiveCount, backoff) => {
    const median = medianHorizonSeconds({ maxReceiveCount, backoff });
    const measured = await measuredMedian({ queue: { maxReceiveCount }, processor: { backoff } });
    expect(measured / median).toBeGreaterThan(0.95);
    expect(measured / median).toBeLessThan(1.05);
  });

  it.each<[number, BackoffDefinition, string]>([
    [1, { baseSeconds: 20, maxSeconds: 20 }, "tried once"],
    [2, { baseSeconds: 1, maxSeconds: 1 }, "tried 2 times over about 1 second"],
    [2, { baseSeconds: 200, maxSeconds: 200 }, "tried 2 times over about 100 seconds"],
    [3, { baseSeconds: 120, maxSeconds: 240 }, "tried 3 times over about 3 minutes"],
    [10, { baseSeconds: 900, maxSeconds: 43_000 }, "tried 10 times over about 26 hours"],
    [20, { baseSeconds: 900, maxSeconds: 43_000 }, "tried 20 times over about 4 days"],
  ])("is told in words: %d deliveries with %j are %s", (maxReceiveCount, backoff, words) => {
    expect(retriesInWords({ maxReceiveCount, backoff })).toBe(words);
  });

  it("is told for each queue, with the sources that have a backoff of their own", () => {
    const own = { backoff: { baseSeconds: 1, maxSeconds: 60 } };
    const settings = settingsOf({
      sources: [
        github,
        { name: "stripe", signature: { scheme: "stripe" }, ...own },
        { name: "shop", signature: { scheme: "shopify" }, queue: "dedicated", ...own },
      ],
    });
    expect(lanesOf(settings, "hooks").map((lane) => [lane.name, retriesOf(lane)])).toEqual([
      ["hooks", "tried 14 times over about 5 hours (stripe: tried 14 times over about 4 minutes)"],
      ["hooks-shop", "tried 14 times over about 4 minutes"],
    ]);
  });
});

describe("a webhook that keeps failing in the worst way", () => {
  it("is in the dead-letter queue before SQS deletes it, with all settings that are accepted", async () => {
    const outcomes = { accepted: 0, refused: 0 };
    const backoffs = fc
      .tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 43_200 }))
      .map(([baseSeconds, most]) => ({ baseSeconds, maxSeconds: Math.max(baseSeconds, most) }));
    const stages = fc.record({
      type: fc.constantFrom("standard" as const, "fifo" as const),
      maxReceiveCount: fc.integer({ min: 1, max: 60 }),
      retentionDays: fc.integer({ min: 1, max: 13 }),
      timeoutSeconds: fc.integer({ min: 15, max: 900 }),
      backoff: backoffs,
      ofSource: fc.boolean(),
      ends: fc.constantFrom("dies" as const, "fails" as const, "asks for the longest delay" as const),
    });
    await assertProperty(
      fc.asyncProperty(stages, async ({ ends, timeoutSeconds, backoff, ofSource, ...queue }) => {
        const changes = {
          queue,
          processor: { timeoutSeconds, ...(ofSource ? {} : { backoff }) },
          ...(ofSource ? { sources: [{ ...github, backoff }] } : {}),
        };
        if (problemsOf(changes).length > 0) {
          outcomes.refused += 1;
          return;
        }
        outcomes.accepted += 1;
        const retried = await retryToTheEnd(settingsOf(changes), {
          delivery: () => ({ ends, seconds: timeoutSeconds }),
          random: () => 0.999_999,
        });
        expect(retried).toMatchObject({
          deadLettered: true,
          deliveries: queue.maxReceiveCount,
          refusals: [],
        });
      }),
      300,
    );
    expect(outcomes.accepted).toBeGreaterThan(30);
    expect(outcomes.refused).toBeGreaterThan(30);
  });

  it.each<[string, Partial<SettingsInput>, RegExp]>([
    [
      "the stage's backoff",
      {
        queue: { maxReceiveCount: 40, retentionDays: 7 },
        processor: { backoff: { baseSeconds: 60, maxSeconds: 20_000 } },
      },
      /^processor\.backoff: 40 deliveries can take up to 218 hours, and SQS deletes a webhook after 168 \(queue\.retentionDays 7\)/,
    ],
    [
      "a source's own",
      {
        sources: [
          github,
          {
            name: "stripe",
            signature: { scheme: "stripe" },
            backoff: { baseSeconds: 60, maxSeconds: 20_000 },
          },
        ],
        queue: { maxReceiveCount: 40, retentionDays: 7 },
      },
      /^sources\[1\]\.backoff: 40 deliveries can take up to 218 hours, and SQS deletes a webhook after 168 /,
    ],
    [
      "delays that are short, where the function may run for long",
      {
        queue: { maxReceiveCount: 100, retentionDays: 1 },
        processor: { timeoutSeconds: 300, backoff: { baseSeconds: 1, maxSeconds: 10 } },
      },
      /^processor\.backoff: 100 deliveries can take up to 50 hours, and SQS deletes a webhook after 24 /,
    ],
    [
      "the default of a queue that is only worked off",
      { queue: { type: "fifo", formerType: "standard", maxReceiveCount: 20, retentionDays: 1 } },
      /^processor\.backoff: 20 deliveries can take up to \d+ hours, and SQS deletes a webhook after 24 /,
    ],
  ])("is refused where it takes longer than SQS keeps it: %s", (_, changes, problem) => {
    expect(problemsOf(changes)).toEqual([expect.stringMatching(problem)]);
  });
});

describe("a longest delay", () => {
  const withMaxSeconds = (maxSeconds: number, maxReceiveCount: number) => ({
    queue: { maxReceiveCount, retentionDays: 13 },
    processor: { backoff: { baseSeconds: 10, maxSeconds } },
  });

  it("is refused if no delivery reaches it", () => {
    expect(problemsOf(withMaxSeconds(80, 5))).toEqual([]);
    expect(problemsOf(withMaxSeconds(900, 5))).toEqual([
      expect.stringMatching(
        /^processor\.backoff\.maxSeconds: 900 cannot be reached: with baseSeconds 10 and queue\.maxReceiveCount 5 the longest delay is 80 seconds/,
      ),
    ]);
    const source = { ...github, backoff: { baseSeconds: 10, maxSeconds: 81 } };
    expect(problemsOf({ sources: [source], queue: { maxReceiveCount: 5 } })).toEqual([
      expect.stringMatching(/^sources\[0\]\.backoff\.maxSeconds: 81 cannot be reached/),
    ]);
  });

  it("is refused if nothing is tried again", () => {
    expect(problemsOf(withMaxSeconds(10, 1))).toEqual([
      expect.stringMatching(/^processor\.backoff\.maxSeconds: has no effect: with queue\.maxReceiveCount 1/),
    ]);
  });

  it("is refused if SQS would not hide a webhook for that long, on top of the time that it is handled", () => {
    expect(problemsOf(withMaxSeconds(43_170, 20))).toEqual([]);
    expect(problemsOf(withMaxSeconds(43_171, 20))).toEqual([
      expect.stringMatching(
        /^processor\.backoff\.maxSeconds: must be at most 43170: SQS hides a webhook for 43200/,
      ),
    ]);
  });

  it("that is left out is in reach, and gives way to a base that is written, as a base does to it", () => {
    const backoffOf = (backoff: object, maxReceiveCount = 14) =>
      lanesOf(settingsOf({ queue: { type: "fifo", maxReceiveCount }, processor: { backoff } }), "hooks")[0]
        ?.definition.backoff;
    expect(backoffOf({})).toEqual({ baseSeconds: 10, maxSeconds: 120 });
    expect(backoffOf({}, 3)).toEqual({ baseSeconds: 10, maxSeconds: 20 });
    expect(backoffOf({}, 1)).toEqual({ baseSeconds: 10, maxSeconds: 10 });
    expect(backoffOf({ baseSeconds: 300 })).toEqual({ baseSeconds: 300, maxSeconds: 300 });
    expect(backoffOf({ maxSeconds: 5 })).toEqual({ baseSeconds: 5, maxSeconds: 5 });
  });
});

describe("the bounds of a backoff", () => {
  it.each([
    [{ baseSeconds: 901, maxSeconds: 1_000 }, "baseSeconds: must be a whole number of seconds from 1 to 900"],
    [
      { baseSeconds: 900, maxSeconds: 43_201 },
      "maxSeconds: must be a whole number of seconds from 1 to 43200",
    ],
    [{ baseSeconds: 60, maxSeconds: 30 }, "maxSeconds: must not be less than baseSeconds"],
  ])("are the same for a stage and for a source: %j", (backoff, problem) => {
    expect(problemsOf({ processor: { backoff } })).toEqual([`processor.backoff.${problem}`]);
    expect(problemsOf({ sources: [{ ...github, backoff }] })).toEqual([`sources[0].backoff.${problem}`]);
  });
});

describe("the alarm for a webhook that waits too long", () => {
  const slow = { backoff: { baseSeconds: 900, maxSeconds: 3_600 } };

  it.each<[string, Partial<SettingsInput>]>([
    ["the defaults", {}],
    ["the defaults of a FIFO queue", { queue: { type: "fifo" } }],
    ["a backoff with long first delays", { processor: slow }],
    ["a source with long first delays", { sources: [{ ...github, ...slow }] }],
    ["such a source on a FIFO queue", { queue: { type: "fifo" }, sources: [{ ...github, ...slow }] }],
  ])("is quiet while a webhook is only tried again as planned: %s", async (_, changes) => {
    const settings = settingsOf(changes);
    const { highestAgeSeconds } = await retryToTheEnd(settings, {
      delivery: () => ({ ends: "fails", seconds: settings.processor.timeoutSeconds }),
      random: () => 0.999_999,
    });
    expect(highestAgeSeconds).toBeGreaterThan(0);
    expect(settings.alarms.oldestMessageSeconds).toBeGreaterThan(highestAgeSeconds);
    expect(warningsOf(settings)).not.toContainEqual(expect.stringMatching(/oldestMessageSeconds/));
  });

  it("is told of after a quarter of an hour, unless retries take longer", () => {
    expect(settingsOf().alarms.oldestMessageSeconds).toBe(900);
    expect(settingsOf({ processor: slow }).alarms.oldestMessageSeconds).toBeGreaterThan(900 + 1_800 + 3_600);
  });

  it("is warned of where somebody has set it lower than that", () => {
    const warned = (oldestMessageSeconds: number) =>
      warningsOf(settingsOf({ queue: { type: "fifo" }, alarms: { oldestMessageSeconds } }));
    expect(warned(300)).toContainEqual(
      expect.stringMatching(
        /^alarms\.oldestMessageSeconds: after 300 seconds the alarm goes off .* can take 1650$/,
      ),
    );
    expect(warned(1_651)).not.toContainEqual(expect.stringMatching(/oldestMessageSeconds/));
  });
});
