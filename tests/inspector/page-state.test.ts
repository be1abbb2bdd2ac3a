import { describe, expect, it } from "vitest";
import type { ListRow } from "../../inspector/contract.js";
import { readAddress, takeToken, writeAddress } from "../../inspector/page/state/address.js";
import { eventParser } from "../../inspector/page/state/event-stream.js";
import {
  choosesMoreThanTime,
  completionsOf,
  hasWord,
  isComplete,
  toggleWord,
  word,
  wordsOf,
} from "../../inspector/page/state/filter.js";
import { noRows, rowsOf, settled, withChanges, withOlder } from "../../inspector/page/state/rows.js";

describe("an address of the page", () => {
  it("says the view, the filter and what is open, and is read again as it was written", () => {
    const address = {
      view: "webhooks",
      filter: 'source:stripe "a & b=c#d" json:x=é',
      webhook: "stripe/evt_1?#&",
      against: "stripe/evt 2",
    } as const;
    expect(readAddress(writeAddress(address))).toEqual(address);
    expect(writeAddress({ view: "pipeline", filter: "" })).toBe("#/pipeline");
  });

  it.each(["", "#", "#/", "#/nowhere", "#webhooks?filter=", "#/webhooks?against=alone"])(
    "is the list where %j says nothing else",
    (fragment) => {
      expect(readAddress(fragment)).toEqual({ view: "webhooks", filter: "" });
    },
  );

  it("gives up its token, and keeps the rest", () => {
    expect(takeToken("#token=a%2Bb")).toEqual({ token: "a+b", rest: "#" });
    expect(takeToken("#token=abc&/pipeline?filter=x")).toEqual({
      token: "abc",
      rest: "#/pipeline?filter=x",
    });
    expect(takeToken("#/webhooks?filter=x&token=abc")).toEqual({
      token: "abc",
      rest: "#/webhooks?filter=x",
    });
    expect(takeToken("#/webhooks?filter=token")).toBeUndefined();
  });
});

describe("a filter's line", () => {
  it("has words by name, and text", () => {
    expect(wordsOf('source:stripe  json:order.id="a b" "card declined" x:y http://z')).toEqual([
      { text: "source:stripe", name: "source", value: "stripe" },
      { text: 'json:order.id="a b"', name: "json", value: "order.id=a b" },
      { text: '"card declined"', value: "card declined" },
      { text: "x:y", value: "x:y" },
      { text: "http://z", value: "http://z" },
    ]);
  });

  it("keeps a quote that is not closed yet", () => {
    expect(wordsOf('type:a "still typ')).toEqual([
      { text: "type:a", name: "type", value: "a" },
      { text: '"still typ', value: "still typ" },
    ]);
    expect(wordsOf("")).toEqual([]);
  });

  it("gets and loses words by buttons", () => {
    const failed = word("outcome", "failed");
    const line = toggleWord('source:a "b c"', failed);
    expect(line).toBe('source:a "b c" outcome:failed');
    expect(hasWord(line, failed)).toBe(true);
    expect(toggleWord(line, failed)).toBe('source:a "b c"');
    expect(word("source", "my shop")).toBe('source:"my shop"');
  });

  const known = { source: ["stripe", "orders", "orders.billing"], outcome: ["failed", "processed"] };

  it("completes names and what is known of the stage", () => {
    expect(completionsOf("sou", 3, known)).toEqual({ start: 0, end: 3, words: ["source:"] });
    expect(completionsOf("source:ord x", 10, known)).toEqual({
      start: 0,
      end: 10,
      words: ["source:orders", "source:orders.billing"],
    });
    expect(completionsOf("x outcome:", 10, known).words).toEqual(["outcome:failed", "outcome:processed"]);
    expect(completionsOf("x ", 2, known).words).toEqual([]);
    expect(completionsOf("outcome:failed", 14, known).words).toEqual([]);
  });

  it("is used while it is typed only where each word says something", () => {
    expect(isComplete("source:stripe text type:invoice.*", known)).toBe(true);
    expect(isComplete("outcome:fai", known)).toBe(false);
    expect(isComplete("since:", known)).toBe(false);
  });

  it("means webhooks that may be replayed as a whole if it chooses by more than time", () => {
    expect(choosesMoreThanTime("source:stripe since:2h")).toBe(true);
    expect(choosesMoreThanTime("declined")).toBe(true);
    expect(choosesMoreThanTime("since:2h until:1h")).toBe(false);
    expect(choosesMoreThanTime("outcome:")).toBe(false);
    expect(choosesMoreThanTime("")).toBe(false);
  });
});

const row = (id: string, receivedAt: number, outcome: ListRow["outcome"] = "processing"): ListRow => ({
  id,
  source: "shop",
  eventId: id,
  requestId: id,
  receivedAt,
  outcome,
  attempts: 1,
  replays: 0,
});
const page = (rows: readonly ListRow[], older?: string) => ({
  rows,
  from: 0,
  to: 100,
  ...(older === undefined ? {} : { older }),
});
const ids = (rows: readonly ListRow[]) => rows.map(({ id }) => id).join(" ");

describe("the rows of the list", () => {
  const read = rowsOf(page([row("c", 30), row("b", 20)], "next"));

  it("take new ones on top, and change known ones where they are", () => {
    const changed = withChanges(read, { rows: [row("b", 20, "processed"), row("d", 40)], gone: [] }, false);
    expect(ids(changed.shown)).toBe("d c b");
    expect(changed.shown.at(-1)?.outcome).toBe("processed");
  });

  it("do not move while they are held: new ones wait, those that no longer fit are marked", () => {
    const held = withChanges(
      read,
      { rows: [row("d", 40), row("e", 50), row("c", 30, "failed")], gone: ["b"] },
      true,
    );
    expect(ids(held.shown)).toBe("c b");
    expect(held.shown[0]?.outcome).toBe("failed");
    expect(ids(held.waiting)).toBe("e d");
    expect([...held.leaving]).toEqual(["b"]);
    const more = withChanges(held, { rows: [row("d", 40, "processed")], gone: ["e"] }, true);
    expect(ids(more.waiting)).toBe("d");
    expect(more.waiting[0]?.outcome).toBe("processed");
    expect(ids(settled(more).shown)).toBe("d c");
  });

  it("keep one that fits again before it has left", () => {
    const held = withChanges(read, { rows: [], gone: ["b"] }, true);
    const again = withChanges(held, { rows: [row("b", 20)], gone: [] }, false);
    expect(ids(again.shown)).toBe("c b");
  });

  it("have each webhook once, whatever comes twice", () => {
    const twice = withChanges(
      withChanges(read, { rows: [row("d", 40)], gone: [] }, true),
      { rows: [row("d", 40), row("c", 30)], gone: [] },
      false,
    );
    expect(ids(twice.shown)).toBe("d c b");
    expect(ids(rowsOf(page([])).shown)).toBe("");
  });

  it("leave what is older than all that was read to its page, and take that without a gap or a double", () => {
    const early = withChanges(read, { rows: [row("a", 10, "processed")], gone: [] }, false);
    expect(ids(early.shown)).toBe("c b");
    const changed = withChanges(early, { rows: [row("b", 20, "failed")], gone: [] }, false);
    const all = withOlder(changed, page([row("b", 20), row("a", 10, "processed")]));
    expect(ids(all.shown)).toBe("c b a");
    // The stream's state is newer than that of a page that was asked for before.
    expect(all.shown[1]?.outcome).toBe("failed");
    expect(all.older).toBeUndefined();
    // Now nothing is beyond the end.
    expect(ids(withChanges(all, { rows: [row("0", 1)], gone: [] }, false).shown)).toBe("c b a 0");
  });

  it("stand in the same order whichever way those of one moment came", () => {
    const one = withChanges(noRows, { rows: [row("x", 5), row("y", 5)], gone: [] }, false);
    const other = withChanges(noRows, { rows: [row("y", 5), row("x", 5)], gone: [] }, false);
    expect(ids(one.shown)).toBe(ids(other.shown));
  });
});

describe("a stream of events", () => {
  const text =
    'retry: 2500\n\nevent: webhooks\nid: 7\ndata: {"a":1,\ndata: "b":2}\n\n: a comment\nevent: heartbeat\ndata: {}\n\ndata: end\r\n\r\n';
  const events = [
    { name: "webhooks", id: "7", data: '{"a":1,\n"b":2}' },
    { name: "heartbeat", data: "{}" },
    { name: "message", data: "end" },
  ];

  it("is read the same wherever the network cuts it", () => {
    for (let cut = 0; cut <= text.length; cut += 1) {
      const parser = eventParser();
      expect([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))]).toEqual(events);
      expect(parser.retryMilliseconds).toBe(2_500);
    }
  });

  it("gives an event only when it is complete", () => {
    const parser = eventParser();
    expect(parser.push("event: webhooks\ndata: 1\n")).toEqual([]);
    expect(parser.push("\n")).toEqual([{ name: "webhooks", data: "1" }]);
  });
});
