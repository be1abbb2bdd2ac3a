import { describe, expect, it } from "vitest";
import { pauseAsJson } from "../../deploy/drift/pauses.js";
import { driftAsJson, driftAsMarkdown, driftAsText, readDrift } from "../../deploy/drift/read-drift.js";
import { recordedEvents } from "../support/engine/recorded-events.js";

/** A queue, a policy and a function were changed, and an alarm deleted, behind the program's back. */
const drift = readDrift(recordedEvents("drift"));

describe("drift", () => {
  it("names each property with what the program wants and what AWS has", () => {
    const rows = drift.flatMap(({ name, kind, differences }) =>
      kind === "gone"
        ? [`${name} is gone`]
        : differences.map(
            ({ path, from, to }) => `${name} ${path}: ${JSON.stringify(from)} → ${JSON.stringify(to)}`,
          ),
    );

    expect(rows.sort()).toEqual([
      "webhooks-dead-letters is gone",
      'webhooks-processor environment.variables.HAND_MADE: undefined → "1"',
      'webhooks-processor-role-policy policy.Statement[7]: undefined → {"Action":"s3:*","Effect":"Allow","Resource":"*"}',
      "webhooks-queue visibilityTimeoutSeconds: 180 → 30",
    ]);
  });

  it("is a table for people", () => {
    expect(driftAsText(drift)).toMatch(/Queue +webhooks-queue +visibilityTimeoutSeconds +180 +30/);
    expect(driftAsText([])).toMatch(/^no drift/);
  });

  it("is a table for an issue", () => {
    expect(driftAsMarkdown("prod", drift)).toContain(
      "| Queue | webhooks-queue | visibilityTimeoutSeconds | 180 | 30 |",
    );
    expect(driftAsMarkdown("prod", [])).toContain("No drift");
  });

  it("has null in JSON where there is nothing", () => {
    expect(driftAsJson(drift)).toContainEqual(
      expect.objectContaining({
        kind: "changed",
        name: "webhooks-processor",
        differences: [{ path: "environment.variables.HAND_MADE", wanted: null, actual: "1" }],
      }),
    );
  });

  it("tells of a paused lane, who paused it, since when and why, beside the drift or none", () => {
    const pause = {
      lane: "webhooks",
      title: "lane webhooks (github)",
      note: { by: "ann@laptop", since: Date.parse("2026-11-25T03:00:00Z"), reason: "the shop is down" },
    };
    const words =
      "lane webhooks (github) is paused by ann@laptop since 2026-11-25T03:00:00Z: the shop is down";

    expect(driftAsText([], [pause])).toBe(`no drift: AWS has what the program made\n${words}`);
    expect(driftAsText(drift, [pause])).toContain(`\n${words}`);
    expect(driftAsText([], [{ ...pause, note: undefined }])).toContain("is paused, it is not known by whom");
    expect(driftAsMarkdown("prod", [], [pause])).toContain(
      "- lane webhooks (github) is paused by ann&#64;laptop since 2026-11-25T03:00:00Z: the shop is down",
    );
    expect(pauseAsJson(pause)).toEqual({ lane: "webhooks", ...pause.note });
  });

  it("is no drift that a lane is paused", () => {
    const [event] = recordedEvents("drift").filter(({ resOutputsEvent }) =>
      resOutputsEvent?.metadata.urn.endsWith("::webhooks-queue"),
    );
    const metadata = event?.resOutputsEvent?.metadata;
    if (metadata === undefined) throw new Error("the recording has no such step");
    const mapping = (present: Record<string, unknown>) => ({
      ...metadata,
      type: "aws:lambda/eventSourceMapping:EventSourceMapping",
      diffs: ["enabled", "state", "batchSize"],
      old: { ...metadata.old, outputs: { enabled: true, state: "Enabled", batchSize: 10 } },
      new: { ...metadata.new, outputs: { enabled: false, state: "Disabled", batchSize: 10, ...present } },
    });
    const read = (present: Record<string, unknown>) =>
      readDrift([
        { sequence: 0, timestamp: 0, resOutputsEvent: { metadata: mapping(present) as typeof metadata } },
      ]);

    expect(read({})).toEqual([]);
    expect(read({ batchSize: 5 })).toEqual([
      expect.objectContaining({ differences: [{ path: "batchSize", from: 10, to: 5 }] }),
    ]);
  });

  it("is no drift that JSON has another order", () => {
    const [event] = recordedEvents("drift").filter(({ resOutputsEvent }) =>
      resOutputsEvent?.metadata.urn.endsWith("processor-role-policy"),
    );
    const metadata = event?.resOutputsEvent?.metadata;
    if (metadata?.old == null || metadata.new == null) throw new Error("the recording has no such step");
    const { policy } = metadata.old.outputs as { policy: string };
    const turned = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(policy)).reverse()));
    const same = {
      ...metadata,
      new: { ...metadata.new, outputs: { ...metadata.old.outputs, policy: turned } },
    };

    expect(readDrift([{ sequence: 0, timestamp: 0, resOutputsEvent: { metadata: same } }])).toEqual([]);
  });
});
