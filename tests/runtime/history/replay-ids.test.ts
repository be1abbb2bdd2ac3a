import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isNewReplay, mostReplayIds, withReplayId } from "../../../runtime/history/replay-ids.js";

/** Lets replays in one after the other, as the history does; returns which of them opened the item, and what is kept. */
function letIn(replayIds: readonly string[]): { opened: string[]; kept: string[] } {
  const opened: string[] = [];
  let kept: string[] = [];
  for (const replayId of replayIds) {
    if (!isNewReplay(replayId, kept)) continue;
    opened.push(replayId);
    kept = withReplayId(kept, replayId);
  }
  return { opened, kept };
}

const replayAt = (second: number) => `${new Date(second * 1_000).toISOString()}-operator`;
const replays = (count: number) => Array.from({ length: count }, (_, second) => replayAt(second));

describe("the replay ids of an item", () => {
  it("are the 100 latest, in the order in which they were let in", () => {
    const { opened, kept } = letIn(replays(250));
    expect(opened).toHaveLength(250);
    expect(kept).toEqual(replays(250).slice(-mostReplayIds));
  });

  it("do not open the item again once they are forgotten", () => {
    const sent = replays(250);
    expect(letIn([...sent, ...sent]).opened).toEqual(sent);
  });

  it("let a late replay in that is newer than one of those kept", () => {
    const late = replayAt(200.5);
    expect(letIn([...replays(250), late]).opened.at(-1)).toBe(late);
    expect(letIn([...replays(250), late]).kept).toHaveLength(mostReplayIds);
  });

  it("hold a replay that is older than all of those kept for let in", () => {
    expect(letIn([...replays(250), replayAt(10.5)]).opened).toEqual(replays(250));
  });

  it("open an item once each at most, and stay bounded, whatever the ids and their order", () => {
    const ids = fc.array(fc.oneof(fc.string(), fc.integer({ min: 0, max: 300 }).map(replayAt)), {
      minLength: 150,
      maxLength: 600,
    });
    fc.assert(
      fc.property(ids, (sent) => {
        const { opened, kept } = letIn(sent);
        return new Set(opened).size === opened.length && kept.length <= mostReplayIds;
      }),
    );
  });
});
