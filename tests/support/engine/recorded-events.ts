import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { root } from "../imports.js";

/**
 * Events that Pulumi's engine wrote with `--event-log`, of a stage with one source. What no test reads is cut out.
 *
 * @param name a file in tests/fixtures/engine-events
 */
export function recordedEvents(name: "dangerous-change" | "drift" | "way-back"): EngineEvent[] {
  return readFileSync(join(root, "tests/fixtures/engine-events", `${name}.ndjson`), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}
