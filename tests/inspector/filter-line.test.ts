import { describe, expect, it } from "vitest";
import { choosesMoreThanTime } from "../../inspector/reading/choice.js";
import { readFilterLine } from "../../inspector/reading/filter-line.js";

const nothing = { source: [], outcome: [], type: [], where: [], text: [] };

describe("a filter's line", () => {
  it.each([
    ["", nothing],
    [
      "source:stripe outcome:failed outcome:rejected",
      { ...nothing, source: ["stripe"], outcome: ["failed", "rejected"] },
    ],
    ["type:invoice.* since:2h until:1h", { ...nothing, type: ["invoice.*"], since: "2h", until: "1h" }],
    ["json:order.id=123 header:x-shop=eu", { ...nothing, where: ["json:order.id=123", "header:x-shop=eu"] }],
    ['json:name="Ann Lee" refund', { ...nothing, where: ["json:name=Ann Lee"], text: ["refund"] }],
    ['"out of stock"', { ...nothing, text: ["out of stock"] }],
    // The id of a rejected webhook, and what only looks like a name.
    ["rejected:ab12 outcom:failed", { ...nothing, text: ["rejected:ab12", "outcom:failed"] }],
    ['"outcome:failed"', { ...nothing, text: ["outcome:failed"] }],
    [String.raw`say\ \"hi\" back\\slash`, { ...nothing, text: ['say "hi"', String.raw`back\slash`] }],
    ['an unfinished "quotation', { ...nothing, text: ["an", "unfinished", "quotation"] }],
    ["source: json:=1", { ...nothing, text: ["source:", "json:=1"] }],
  ])("%j is read as what is meant", (line, meant) => {
    expect(readFilterLine(line)).toEqual(meant);
  });

  it("takes the last of two times, as a command's option is taken", () => {
    expect(readFilterLine("since:7d since:1h")).toEqual({ ...nothing, since: "1h" });
  });

  it("chooses by more than time, or does not", () => {
    expect(["", "since:7d until:1d"].map(choosesMoreThanTime)).toEqual([false, false]);
    expect(["outcome:failed", "since:7d refund"].map(choosesMoreThanTime)).toEqual([true, true]);
  });
});
