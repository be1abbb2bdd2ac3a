import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { place } from "../../../../deploy/role/permissions.js";
import { root } from "../../imports.js";
import { forbidden, type RolePolicies } from "./forbidden.js";
import { recordedCallsFile } from "./recorded-calls.js";
import type { Purpose, Recorder } from "./recorder.js";

/**
 * Expects that the policies of docs/deploying/deploy-role.json allow all calls that were recorded. With RECORD_CALLS=1 the recording is
 * written to tests/fixtures/aws-calls first, for the tests without an engine.
 *
 * @param name of the recording
 * @param stage value of the tag `stage` in it
 */
export function expectAllowed({ needed, unread }: Recorder, name: string, stage = name): void {
  if (process.env.RECORD_CALLS !== undefined) {
    const file = recordedCallsFile(name);
    mkdirSync(dirname(file), { recursive: true });
    const lines = (purpose: Purpose) => [...needed[purpose].keys()].sort();
    writeFileSync(
      file,
      `${JSON.stringify({ preview: lines("preview"), deploy: lines("deploy") }, undefined, 2)}\n`,
    );
  }
  expect(unread, "calls of which tests/support/engine/recording does not know what they need").toEqual([]);
  const text = readFileSync(join(root, "docs/deploying/deploy-role.json"), "utf8");
  // The policies are written for one stage, and the recorded one has a tag of its own.
  const policies: RolePolicies = JSON.parse(text.replaceAll(`"${place.stage}"`, `"${stage}"`));
  expect(forbidden(policies, needed)).toEqual([]);
}
