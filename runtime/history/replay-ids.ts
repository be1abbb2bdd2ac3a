/**
 * Ids of let-in replays that an item keeps: more than anybody asks for of one webhook, and with ids of 40 characters
 * 4 KB, which each write of the item costs on top. Without a bound they would crowd out the payload at about 1,350.
 */
export const mostReplayIds = 100;

/**
 * Whether a replay has not been let in yet.
 *
 * Ids sort by their time. Where an item keeps as many as it may, one that is not later than all that it has forgotten counts
 * as let in: it was, or so many later replays have done its work since. What was forgotten is smaller than the smallest id
 * kept, for that one never gets smaller; so a replay never opens an item twice, even if its ids do not sort by time.
 */
export function isNewReplay(replayId: string, kept: readonly string[]): boolean {
  if (kept.includes(replayId)) return false;
  return kept.length < mostReplayIds || replayId > smallest(kept);
}

/** The ids that an item keeps once it has let in one more, in the order in which they were let in. */
export function withReplayId(kept: readonly string[], replayId: string): string[] {
  const all = [...kept, replayId];
  if (all.length <= mostReplayIds) return all;
  const forgotten = smallest(all);
  return all.filter((id) => id !== forgotten);
}

function smallest(ids: readonly string[]): string {
  return ids.reduce((least, id) => (id < least ? id : least));
}
