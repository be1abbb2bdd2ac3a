import { type HistoryAttributes, historyAttributes as names } from "./item.js";

/** A replay that was let in and that not all of its subscribers have got yet. */
export interface DueReplay {
  readonly replayId: string;
  /** The subscriber that it is for. Absent: all of them. */
  readonly replayFor?: string | undefined;
}

/** Separates subscriber and replay in the history. A subscriber's name has no colon. */
const mark = ":";

/** Reads the due replays of an item. */
export function readDueReplays(attributes: HistoryAttributes): DueReplay[] {
  return (attributes[names.dueReplays]?.L ?? []).map(({ S = "" }) => {
    const end = S.indexOf(mark);
    const replayId = S.slice(end + mark.length);
    return end <= 0 ? { replayId } : { replayId, replayFor: S.slice(0, end) };
  });
}

/** The texts that an item keeps them as. */
export function dueReplayTexts(due: readonly DueReplay[]): string[] {
  return due.map(({ replayId, replayFor = "" }) => `${replayFor}${mark}${replayId}`);
}

/**
 * The due replays with one more. Each subscriber gets only the latest of the replays that are due for it: a replay that
 * arrives before the one before it is done counts as one with it. So the list is never longer than the subscribers are
 * many, and one.
 */
export function withDueReplay(due: readonly DueReplay[], replay: DueReplay): DueReplay[] {
  const { replayFor } = replay;
  const kept = replayFor === undefined ? [] : due.filter((each) => each.replayFor !== replayFor);
  return [...kept, replay];
}
