import { describe, expect, it } from "vitest";
import { base64Of, bytesOf, hexLines } from "../../inspector/page/text/hex.js";
import { diffLines } from "../../inspector/page/text/line-diff.js";
import { prettyJson } from "../../inspector/page/text/pretty.js";
import { clockText, sizeText } from "../../inspector/page/text/times.js";
import { textParts, visibleText } from "../../inspector/page/text/visible.js";

describe("text that a stranger wrote", () => {
  it("shows what would be unseen or would turn other text around", () => {
    expect(visibleText("a\u202eb\u2066c\u200bd\u0000e\u001b[31m\u{e0041}")).toBe(
      "a\\u202eb\\u2066c\\u200bd\\u0000e\\u001b[31m\\u{e0041}",
    );
    expect(textParts("a\u202eb")).toEqual([
      { text: "a", isEscape: false },
      { text: "\\u202e", isEscape: true },
      { text: "b", isEscape: false },
    ]);
  });

  it("keeps line breaks, tabs, other scripts and emoji", () => {
    const text = "line\n\tשלום 日本 👩‍👩‍👧 <b>&amp;";
    expect(visibleText(text)).toBe(text);
    expect(visibleText("half \ud83d of a pair")).toBe("half \\ud83d of a pair");
  });
});

describe("JSON that is indented", () => {
  it("keeps every value as the sender wrote it", () => {
    expect(
      prettyJson(
        '{"id":12345678901234567890, "a":1.0,"a":2,"e":[],"o":{},"t":"\\u00e9 {x: [1,2]}","n":[1,{"b":null}]}',
      ),
    ).toBe(
      [
        "{",
        '  "id": 12345678901234567890,',
        '  "a": 1.0,',
        '  "a": 2,',
        '  "e": [],',
        '  "o": {},',
        '  "t": "\\u00e9 {x: [1,2]}",',
        '  "n": [',
        "    1,",
        "    {",
        '      "b": null',
        "    }",
        "  ]",
        "}",
      ].join("\n"),
    );
    expect(prettyJson('"a \\" b"')).toBe('"a \\" b"');
  });

  it("is nothing for other text", () => {
    expect(prettyJson("a=1&b=2")).toBeUndefined();
    expect(prettyJson("")).toBeUndefined();
  });
});

describe("bytes", () => {
  const every = Uint8Array.from({ length: 256 }, (_, index) => index);

  it("are sixteen a line, with their offset and what of them is ASCII", () => {
    const lines = hexLines(every);
    expect(lines).toHaveLength(16);
    expect(lines[2]).toBe("00000020  20 21 22 23 24 25 26 27  28 29 2a 2b 2c 2d 2e 2f  | !\"#$%&'()*+,-./|");
    expect(lines[15]).toMatch(/^000000f0 .* {2}\|\.{16}\|$/);
    expect(hexLines(every.subarray(0, 1))).toEqual([`00000000  00${" ".repeat(46)}  |.|`]);
  });

  it("come back from base64 as they were, however many", () => {
    expect(bytesOf(base64Of(every))).toEqual(every);
    const many = new Uint8Array(200_000).map((_, index) => index);
    expect(base64Of(many)).toBe(Buffer.from(many).toString("base64"));
  });
});

describe("two texts compared", () => {
  const text = (lines: readonly { readonly kind: string; readonly text: string }[]) =>
    lines.map(({ kind, text: line }) => `${{ same: " ", removed: "-", added: "+" }[kind]}${line}`);

  it("differ in as few lines as can be", () => {
    expect(text(diffLines(["a", "b", "c", "d"], ["a", "c", "x", "d"]))).toEqual([
      " a",
      "-b",
      " c",
      "+x",
      " d",
    ]);
    expect(text(diffLines([], ["a"]))).toEqual(["+a"]);
    expect(text(diffLines(["a"], ["a"]))).toEqual([" a"]);
    expect(text(diffLines(["a", "a"], ["a"]))).toEqual([" a", "-a"]);
  });

  it("are not weighed line by line where that would take too long", () => {
    const one = Array.from({ length: 3_000 }, (_, index) => `one ${index}`);
    const other = Array.from({ length: 3_000 }, (_, index) => `other ${index}`);
    const lines = diffLines(["same", ...one], ["same", ...other]);
    expect(lines).toHaveLength(6_001);
    expect(lines[0]).toEqual({ kind: "same", text: "same" });
  });
});

describe("times and sizes", () => {
  it("name the day only of another one", () => {
    const at = new Date(2026, 10, 26, 9, 5, 7).getTime();
    expect(clockText(at, at + 1_000)).toBe("09:05:07");
    expect(clockText(at, at + 86_400_000)).toBe("11-26 09:05:07");
  });

  it("say bytes exactly while they are few", () => {
    expect([1, 9_999, 12_345, 1_048_576].map(sizeText)).toEqual([
      "1 byte",
      "9,999 bytes",
      "12.3 KB",
      "1.0 MB",
    ]);
  });
});
