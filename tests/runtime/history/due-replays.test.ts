import { describe, expect, it } from "vitest";
import { dueReplayTexts, readDueReplays, withDueReplay } from "../../../runtime/history/due-replays.js";

describe("the replays that subscribers are still to get", () => {
  const forLake = { replayId: "r:1", replayFor: "lake" };
  const forAll = { replayId: "r:2" };

  it("are read as they were written, whatever is in a replay's id", () => {
    const due = [forAll, forLake];
    const attributes = { due_replays: { L: dueReplayTexts(due).map((S) => ({ S })) } };

    expect(readDueReplays(attributes)).toEqual(due);
    expect(readDueReplays({})).toEqual([]);
  });

  it("are one for each subscriber at most, and one for all", () => {
    const again = { replayId: "r:3", replayFor: "lake" };
    expect(withDueReplay([forAll, forLake], again)).toEqual([forAll, again]);
    expect(withDueReplay([forAll], { replayId: "r:4", replayFor: "billing" })).toHaveLength(2);
  });

  it("are the latest alone once that is for all", () => {
    expect(withDueReplay([forLake], forAll)).toEqual([forAll]);
  });
});
