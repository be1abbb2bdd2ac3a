import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { printable } from "../../command-line/console.js";
import { table } from "../../command-line/table.js";
import { nameOf, typeOf } from "../plan/changes.js";
import { type Difference, differences, shown } from "../plan/differences.js";
import { escaped } from "../plan/report.js";
import { type Pause, pauseAsText } from "./pauses.js";

/** A resource that AWS has otherwise than the program made it. */
export interface Drift {
  readonly kind: "changed" | "gone";
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** From what the program wants to what AWS has; none if the resource is gone. */
  readonly differences: readonly Difference[];
}

/** Reads the events of a refresh, or of its preview. */
export function readDrift(events: readonly EngineEvent[]): Drift[] {
  return events.flatMap(({ resOutputsEvent }): Drift[] => {
    if (resOutputsEvent === undefined) return [];
    const { op, urn, type, old, new: next, diffs, detailedDiff } = resOutputsEvent.metadata;
    const resource = { type: typeOf(type), name: nameOf(urn), urn };
    if (op === "delete") return [{ kind: "gone", ...resource, differences: [] }];
    if (op !== "update") return [];
    const detailed = Object.keys(detailedDiff ?? {}).map((path) => path.split(/[.[]/)[0] ?? path);
    const names = new Set([...(diffs ?? []), ...detailed].filter((name) => !isPause(type, name)));
    const found = [...names].flatMap((name) => differences(old?.outputs[name], next?.outputs[name], name));
    return found.length === 0 ? [] : [{ kind: "changed", ...resource, differences: found }];
  });
}

/** A paused lane is told as a pause: the program leaves to operators whether a mapping is enabled. */
function isPause(type: string, property: string): boolean {
  return (
    type === "aws:lambda/eventSourceMapping:EventSourceMapping" &&
    ["enabled", "state", "stateTransitionReason"].includes(property)
  );
}

export function driftAsText(drift: readonly Drift[], pauses: readonly Pause[] = []): string {
  return [driftTable(drift), ...pauses.map(pauseAsText)].join("\n");
}

function driftTable(drift: readonly Drift[]): string {
  if (drift.length === 0) return "no drift: AWS has what the program made";
  const rows = drift.flatMap(({ kind, type, name, differences: found }) => {
    if (kind === "gone") return [[type, name, "", "exists", "(gone)"]];
    return found.map(({ path, from, to }, index) => [
      index === 0 ? type : "",
      index === 0 ? name : "",
      path,
      shown(from),
      shown(to),
    ]);
  });
  return table(
    [["type", "name", "property", "the program wants", "AWS has"], ...rows].map((row) => row.map(printable)),
  );
}

export function driftAsMarkdown(
  stage: string,
  drift: readonly Drift[],
  pauses: readonly Pause[] = [],
): string {
  const title = `### Drift of ${stage}`;
  const paused =
    pauses.length === 0 ? [] : [...pauses.map((pause) => `- ${escaped(pauseAsText(pause))}`), ""];
  if (drift.length === 0) {
    return [title, "", "No drift: AWS has what the program made.", "", ...paused].join("\n");
  }
  const rows = drift.flatMap(({ kind, type, name, differences: found }) =>
    kind === "gone"
      ? [[type, name, "", "exists", "(gone)"]]
      : found.map(({ path, from, to }) => [type, name, path, shown(from), shown(to)]),
  );
  return [
    title,
    "",
    "| type | name | property | the program wants | AWS has |",
    "|---|---|---|---|---|",
    ...rows.map((row) => `| ${row.map(escaped).join(" | ")} |`),
    "",
    ...paused,
  ].join("\n");
}

export function driftAsJson(drift: readonly Drift[]): object[] {
  return drift.map(({ differences: found, ...resource }) => ({
    ...resource,
    differences: found.map(({ path, from, to }) => ({ path, wanted: from ?? null, actual: to ?? null })),
  }));
}
