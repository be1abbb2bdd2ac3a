import { describe, expect, it } from "vitest";
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
