import { UsageError } from "../../command-line/command-error.js";
import type { OperatedLane, StageOutputs } from "../stage/outputs.js";

/** A lane of a stage. */
export interface NamedLane extends OperatedLane {
  readonly name: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

/** All lanes of a stage: its queues, each with its function. */
export function lanesOf({ operations, queueUrls, deadLetterQueueUrls }: StageOutputs): NamedLane[] {
  return Object.entries(operations.lanes).map(([name, lane]) => ({
    ...lane,
    name,
    queueUrl: queueUrls[name] ?? "",
    deadLetterQueueUrl: deadLetterQueueUrls[name] ?? "",
  }));
}

/**
 * Finds a lane by its own name, or by the name of a source or a subscriber whose webhooks arrive in it.
 *
 * @throws UsageError that lists the names there are
 */
export function findLane(outputs: StageOutputs, name: string): NamedLane {
  const lanes = lanesOf(outputs);
  const found =
    lanes.find((lane) => lane.name === name) ??
    lanes.find(({ sources }) => sources.includes(name)) ??
    lanes.find(({ subscribers }) => subscribers.includes(name));
  if (found !== undefined) return found;
  const known = lanes.flatMap((lane) => [lane.name, ...contentsOf(lane)]);
  throw new UsageError(
    `there is no lane, source or subscriber "${name}": there are ${[...new Set(known)].join(", ")}`,
  );
}

/** The sources and subscribers whose webhooks arrive in a lane. */
function contentsOf({ sources, subscribers }: OperatedLane): readonly string[] {
  return [...sources, ...subscribers];
}

/** A lane with what arrives in it, for people: `lane webhooks (github, stripe)`. */
export function laneTitle(lane: NamedLane): string {
  const contents = contentsOf(lane).filter((name) => name !== lane.name);
  return `lane ${lane.name}${contents.length === 0 ? "" : ` (${contents.join(", ")})`}`;
}
