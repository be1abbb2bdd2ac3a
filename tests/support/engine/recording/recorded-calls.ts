import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../imports.js";
import { type Needed, type Purpose, readRecorded } from "./recorder.js";

const folder = join(root, "tests/fixtures/aws-calls");

/** Where a recording is kept. */
export function recordedCallsFile(name: string): string {
  return join(folder, `${name}.json`);
}

/** Every recording that is kept, by its name. */
export function recordedCalls(): ReadonlyMap<string, Needed> {
  return new Map(
    readdirSync(folder).map((file) => {
      const lines = JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<Purpose, string[]>;
      const read = (purpose: Purpose) => new Map(lines[purpose].map((line) => [line, readRecorded(line)]));
      return [file.replace(/\.json$/, ""), { preview: read("preview"), deploy: read("deploy") }];
    }),
  );
}
