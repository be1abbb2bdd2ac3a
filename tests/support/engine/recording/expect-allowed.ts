import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { place } from "../../../../deploy/role/permissions.js";
import { root } from "../../imports.js";
import { forbidden, type RolePolicies } from "./forbidden.js";
import { recordedCalls, recordedCallsFile } from "./recorded-calls.js";
import { type Purpose, type Recorder, recordedText } from "./recorder.js";

/** Where a recorded stage was, as far as it is elsewhere than the policies say. */
export interface Recorded {
  /** Value of the tag `stage`. */
  readonly stage: string;
  readonly region?: string;
}

/**
 * Expects that the policies of docs/deploying/deploy-role.json allow all calls that were recorded, and that what is kept of the
 * recording in tests/fixtures/aws-calls, for the tests without an engine, is still called. RECORD_CALLS=1 writes it there first.
 *
 * @param name of the recording
 */
export function expectAllowed(
  { needed, unread }: Recorder,
  name: string,
  { stage, region = place.region }: Recorded,
): void {
  const lines = (purpose: Purpose) =>
    [...needed[purpose].keys()].map((line) => line.replaceAll(region, place.region)).sort();
  if (process.env.RECORD_CALLS !== undefined) {
    const file = recordedCallsFile(name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      `${JSON.stringify({ preview: lines("preview"), deploy: lines("deploy") }, undefined, 2)}\n`,
    );
  }
  expect(unread, "calls of which tests/support/engine/recording does not know what they need").toEqual([]);
  const text = readFileSync(join(root, "docs/deploying/deploy-role.json"), "utf8");
  // The policies are written for one stage, and the recorded one has a tag and a Region of its own.
  const policies: RolePolicies = JSON.parse(
    text.replaceAll(`"${place.stage}"`, `"${stage}"`).replaceAll(place.region, region),
  );
  expect(forbidden(policies, needed)).toEqual([]);

  const kept = recordedCalls().get(name);
  for (const purpose of ["preview", "deploy"] as const) {
    const called = new Set(lines(purpose).map(actionOf));
    const idle = [...(kept?.[purpose].values() ?? [])].filter(({ action }) => !called.has(action));
    expect(
      idle.map(recordedText),
      `recorded for ${purpose}, and no longer called: run it with RECORD_CALLS=1`,
    ).toEqual([]);
  }
}

const actionOf = (line: string) => line.split(" ")[0] ?? "";
