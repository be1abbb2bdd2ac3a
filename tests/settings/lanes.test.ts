import { describe, expect, it } from "vitest";
import { lanesOf } from "../../settings/lanes.js";
import { parseSettings } from "../../settings/settings.js";

describe("what the function of a lane knows", () => {
  it("is after how many deliveries its queue gives a webhook up, which FIFO groups go on by", () => {
    const sources = [{ name: "github", signature: { scheme: "github" } }];
    const lanes = lanesOf(parseSettings({ sources, queue: { maxReceiveCount: 7 } }), "webhooks");

    expect(lanes.map(({ definition }) => definition.maxReceiveCount)).toEqual([7]);
  });
});
