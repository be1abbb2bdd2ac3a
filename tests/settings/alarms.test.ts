import { describe, expect, it } from "vitest";
import { lanesOf } from "../../settings/lanes.js";
import { warningsOf } from "../../settings/rules.js";
import { parseSettings, SettingsError, type SettingsInput } from "../../settings/settings.js";

const github = { name: "github", signature: { scheme: "github" } } as const;
const token = {
  name: "canary",
  signature: { scheme: "token" as const, header: "x-canary-token" },
  eventId: ["json:id" as const],
};

function parsed(input: Partial<SettingsInput>) {
  return parseSettings({ sources: [github], ...input });
}

function problemsOf(input: Record<string, unknown>): readonly string[] {
  try {
    parseSettings({ sources: [github], ...input });
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

describe("who is told of alarms", () => {
  it("is nobody by default, of which the stage is warned", () => {
    expect(parsed({}).alarms.page).toBeUndefined();
    expect(warningsOf(parsed({}))).toContainEqual(expect.stringMatching(/^alarms: nobody is told/));
  });

  it.each([
    { slack: [{ workspaceId: "T0123ABCD", channelId: "C0123ABCD" }] },
    { topicArns: ["arn:aws:sns:eu-west-1:123456789012:incidents"] },
  ])("may be a channel or a topic alone: %j", (alarms) => {
    expect(warningsOf(parsed({ alarms }))).toEqual([]);
  });

  it("must be somebody if pages are to go elsewhere", () => {
    expect(problemsOf({ alarms: { page: {} } })).toEqual([
      expect.stringMatching(/^alarms\.page: names nobody/),
    ]);
    expect(warningsOf(parsed({ alarms: { page: { email: ["a@b.example"] } } }))).toEqual([
      expect.stringMatching(/^alarms: nobody is told of those that do not page/),
    ]);
  });

  it.each([
    [{ topicArns: ["incidents"] }, /^alarms\.topicArns\[0\]: must be the ARN of an SNS topic/],
    [
      { slack: [{ workspaceId: "acme", channelId: "C0123ABCD" }] },
      /^alarms\.slack\[0\]\.workspaceId: must be an id such as T0123ABCDEF$/,
    ],
    [
      { teams: [{ teamId: "acme", tenantId: "acme", channelId: "19:x" }] },
      /^alarms\.teams\[0\]\.teamId: must be an id such as 01234567-/,
    ],
    [
      { failedAttemptPercent: 0 },
      /^alarms\.failedAttemptPercent: must be a number of percent from 0\.01 to 100$/,
    ],
  ])("is refused by name: %j", (alarms, problem) => {
    expect(problemsOf({ alarms }).some((text) => problem.test(text))).toBe(true);
  });
});

describe("a source that must not be silent", () => {
  it("has its arrivals counted", () => {
    const [lane] = lanesOf(parsed({ sources: [{ ...github, expectEveryMinutes: 15 }] }), "hooks");

    expect(lane?.definition.sources[0]?.expected).toBe(true);
  });

  it.each([4, 1_441, 7.5])("is not waited for %d minutes", (expectEveryMinutes) => {
    expect(problemsOf({ sources: [{ ...github, expectEveryMinutes }] })).toEqual([
      "sources[0].expectEveryMinutes: must be a whole number of minutes from 5 to 1440",
    ]);
  });
});

describe("the canary", () => {
  const canary = { source: "canary", everyMinutes: 5 };

  it("has a source of its own, which is counted by itself even if no other is", () => {
    const settings = parsed({
      sources: [github, token],
      alarms: { canary },
      processor: { metricsBySource: false },
    });
    const [lane] = lanesOf(settings, "hooks");

    expect(lane?.definition.metricsBySource).toBe(false);
    expect(lane?.definition.sources.map(({ expected }) => expected)).toEqual([undefined, true]);
  });

  it.each([
    [[github], 'there is no source "canary"'],
    [[{ ...github, name: "canary" }], "needs signature: { scheme: token, header: … }"],
    [[{ ...token, forward: { url: "https://a.example/x" } }], "hands its webhooks on"],
    [[{ ...token, retiring: true }, github], "is retiring"],
  ])("is refused a source that cannot take it: %j", (sources, problem) => {
    expect(problemsOf({ sources, alarms: { canary } })).toEqual([
      expect.stringContaining(
        `alarms.canary.source: ${problem.startsWith("there") ? "" : 'the source "canary" '}${problem}`,
      ),
    ]);
  });
});
