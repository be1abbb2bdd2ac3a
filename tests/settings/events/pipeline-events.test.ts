import { describe, expect, it } from "vitest";
import { lanesOf } from "../../../settings/lanes.js";
import { parseSettings, SettingsError } from "../../../settings/settings.js";

const sources = [
  { name: "github", signature: { scheme: "github" } },
  { name: "shop", signature: { scheme: "shopify" }, queue: "dedicated" },
];
const arn = "arn:aws:events:eu-west-1:123456789012:event-bus/ops";

function problemsOf(settings: object): readonly string[] {
  try {
    parseSettings({ sources, ...settings });
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe("events about the pipeline", () => {
  it.each(["default", "ops.alerts_1-a", arn])("go to the bus %s", (bus) => {
    expect(problemsOf({ events: { bus } })).toEqual([]);
  });

  it.each([
    [{}, "events.bus: is missing"],
    [{ bus: "" }, "events.bus: must be the name of an event bus"],
    [{ bus: "ops alerts" }, "events.bus: must be the name of an event bus"],
    [
      { bus: "arn:aws:sqs:eu-west-1:123456789012:ops" },
      "events.bus: must be the ARN of an EventBridge event bus",
    ],
    [
      { bus: "arn:aws:events:cn-north-1:123456789012:event-bus/ops" },
      "events.bus: must start with arn:aws-cn:",
    ],
    [{ bus: "ops", topic: "alerts" }, "events.topic: is not a setting"],
  ])("cannot be set to %j", (events, problem) => {
    expect(problemsOf({ events })).toEqual([expect.stringContaining(problem)]);
  });

  it("come from each lane's function, which knows pipeline, stage and how many rejected webhooks matter", () => {
    const settings = parseSettings({ sources, events: { bus: arn }, alarms: { rejectedWebhooks: 25 } });
    const told = lanesOf(settings, "hooks", "prod").map(({ definition }) => definition.events);
    const events = { bus: arn, pipeline: "hooks", stage: "prod", rejectedWebhooks: 25 };
    expect(told).toEqual([events, events]);
  });

  it("come from nobody unless the stage names a bus", () => {
    const [lane] = lanesOf(parseSettings({ sources }), "hooks", "prod");
    expect(lane?.definition).not.toHaveProperty("events");
  });
});
