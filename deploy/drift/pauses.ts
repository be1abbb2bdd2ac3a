import type { LambdaClient } from "@aws-sdk/client-lambda";
import { CommandError } from "../../command-line/command-error.js";
import { lanesOf, laneTitle } from "../../ops/lanes/find-lane.js";
import { mappingState } from "../../ops/lanes/mapping.js";
import { type PauseNote, pauseInWords, pauseNotes } from "../../ops/lanes/pause-notes.js";
import type { Stage } from "../../ops/stage/stage.js";

/** A lane that an operator has paused. A deployment leaves it so, and it is no drift. */
export interface Pause {
  readonly lane: string;
  /** The lane with what arrives in it, as people call it. */
  readonly title: string;
  /** Undefined: it is not known. Somebody may have disabled the event source mapping without the operator's command. */
  readonly note: PauseNote | undefined;
}

/** Looks which lanes are paused, and who is known to have done it. */
export async function pausesOf({ outputs, clients }: Stage): Promise<Pause[]> {
  const [lambda, dynamoDb] = await Promise.all([clients.lambda(), clients.dynamoDb()]);
  const notes = pauseNotes(dynamoDb, outputs.historyTable);
  const lanes = lanesOf(outputs).map(async (lane): Promise<Pause[]> => {
    const { name, eventSourceMapping: mapping } = lane;
    if (!(await isDisabled(lambda, mapping))) return [];
    // Without the table, or the right to read it, a pause is still a pause.
    const note = await notes.read(mapping).catch(() => undefined);
    return [{ lane: name, title: laneTitle(lane), note }];
  });
  return (await Promise.all(lanes)).flat();
}

async function isDisabled(lambda: LambdaClient, mapping: string): Promise<boolean> {
  try {
    return (await mappingState(lambda, mapping)) === "disabled";
  } catch (error) {
    // A mapping that is gone is drift.
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/** `lane webhooks (github) is paused by ann@laptop since 2026-11-25T03:00:00Z` */
export function pauseAsText({ title, note }: Pause): string {
  return note === undefined
    ? `${title} is paused, it is not known by whom: its event source mapping is disabled`
    : `${title} is ${pauseInWords(note)}`;
}

export function pauseAsJson({ lane, note }: Pause): object {
  return { lane, by: note?.by ?? null, since: note?.since ?? null, reason: note?.reason ?? null };
}
