import { RefusedError } from "../../command-line/command-error.js";
import { operatorName } from "../stage/operator.js";
import type { Stage } from "../stage/stage.js";
import { laneTitle, type NamedLane } from "./find-lane.js";
import { mappingState, switchMapping } from "./mapping.js";
import { type PauseNote, pauseInWords, pauseNotes } from "./pause-notes.js";

/** What a person has to know of a paused lane. */
export const whatPauseDoes =
  "its webhooks wait in the queue, until it is resumed or their retention ends; its oldest message will set off alarms";

/** @throws RefusedError for a lane that is paused, and it is known by whom */
export async function refusePaused(stage: Stage, lane: NamedLane): Promise<void> {
  const earlier = await (await notesOf(stage)).read(lane.eventSourceMapping);
  const state = await mappingState(await stage.clients.lambda(), lane.eventSourceMapping);
  if (state !== "disabled" || earlier === undefined) return;
  throw new RefusedError(`${laneTitle(lane)} is paused already: ${pauseInWords(earlier)}`, {
    next: `npm run ops -- resume ${lane.name} --stack ${stage.name}`,
  });
}

/** Lets the webhooks of a lane wait. @throws RefusedError for a lane that is paused already */
export async function pauseLane(
  stage: Stage,
  lane: NamedLane,
  reason: string | undefined,
): Promise<PauseNote> {
  await refusePaused(stage, lane);
  const note = { by: operatorName(), since: Date.now(), ...(reason === undefined ? {} : { reason }) };
  // First who does it: a pause that nobody is known for would be the worse half.
  await (await notesOf(stage)).write(lane.eventSourceMapping, note);
  await switchMapping(await stage.clients.lambda(), lane.eventSourceMapping, "disabled");
  return note;
}

/**
 * What is known of the pause of a lane; undefined if nobody is known for it.
 *
 * @throws RefusedError for a lane that is not paused
 */
export async function pauseOf(stage: Stage, lane: NamedLane): Promise<PauseNote | undefined> {
  const note = await (await notesOf(stage)).read(lane.eventSourceMapping);
  const state = await mappingState(await stage.clients.lambda(), lane.eventSourceMapping);
  if (state !== "enabled" || note !== undefined) return note;
  throw new RefusedError(`${laneTitle(lane)} is not paused`);
}

/** Lets the webhooks of a lane be handled again. @throws RefusedError for a lane that is not paused */
export async function resumeLane(stage: Stage, lane: NamedLane): Promise<PauseNote | undefined> {
  const note = await pauseOf(stage, lane);
  await switchMapping(await stage.clients.lambda(), lane.eventSourceMapping, "enabled");
  await (await notesOf(stage)).remove(lane.eventSourceMapping);
  return note;
}

async function notesOf({ clients, outputs }: Stage) {
  return pauseNotes(await clients.dynamoDb(), outputs.historyTable);
}
