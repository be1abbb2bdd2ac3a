import { PassThrough, Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { Console, printable } from "../../command-line/console.js";
import { progressBar } from "../../command-line/progress-bar.js";
import { table } from "../../command-line/table.js";
import { durationText, timeText } from "../../command-line/times.js";

function consoleOf({ isTTY = false, env = {} }: { isTTY?: boolean; env?: Record<string, string> } = {}) {
  const told: string[] = [];
  const stderr = Object.assign(new PassThrough(), { isTTY });
  stderr.on("data", (chunk) => told.push(String(chunk)));
  const stdout = Object.assign(new PassThrough(), { isTTY });
  const console = new Console({ stdin: new PassThrough(), stdout, stderr, env }, false);
  return { console, told, stdout };
}

describe("colours", () => {
  it.each([
    ["a terminal", true, {}, "\u001b[31mfailed\u001b[39m"],
    ["a file or a pipe", false, {}, "failed"],
    ["somebody who wants none", true, { NO_COLOR: "1" }, "failed"],
    ["an empty NO_COLOR, which says nothing", true, { NO_COLOR: "" }, "\u001b[31mfailed\u001b[39m"],
    ["a dumb terminal", true, { TERM: "dumb" }, "failed"],
  ])("are right for %s", (_, isTTY, env, expected) => {
    expect(consoleOf({ isTTY, env }).console.style.data.bad("failed")).toBe(expected);
  });

  it("take no room in a table", () => {
    const { bad } = consoleOf({ isTTY: true }).console.style.data;
    expect(
      table([
        [bad("a"), "b"],
        ["long", "c"],
      ]),
    ).toBe(`${bad("a")}     b\nlong  c`);
  });
});

describe("a reader who has had enough", () => {
  it("is no error, and is written nothing more", async () => {
    let writes = 0;
    const stdout = new Writable({
      write(_chunk, _encoding, done) {
        writes += 1;
        done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
      },
    });
    const console = new Console(
      { stdin: new PassThrough(), stdout, stderr: new PassThrough(), env: {} },
      false,
    );
    console.data("one");
    await new Promise((resolve) => stdout.once("close", resolve));
    expect(console.isRead).toBe(false);
    console.data("two");
    expect(writes).toBe(1);
  });
});

describe("printable", () => {
  it("cannot move the cursor, begin a line or turn text around", () => {
    expect(printable("a\u001b[2Jb\nc\u202ed")).toBe("a\\u001b[2Jb\\u000ac\\u202ed");
    expect(printable("Zoë 😀")).toBe("Zoë 😀");
  });
});

describe("a progress bar", () => {
  it("shows how far it is and how long it still takes", () => {
    let now = 0;
    const { console, told } = consoleOf({ isTTY: true });
    const bar = progressBar(console, { total: 1_000, noun: "webhook", clock: () => now });
    bar.update(0);
    now = 10_000;
    bar.update(100);
    now = 100_000;
    bar.update(1_000);
    bar.end();
    expect(told.join("")).toContain(
      `${"█".repeat(3)}${"░".repeat(27)} 100 of 1,000 webhooks, 1 min 30 s left`,
    );
    expect(told.join("")).toContain(`\r${"█".repeat(30)} 1000 of 1,000 webhooks\u001b[K\n`);
  });

  it("shows nothing without a terminal", () => {
    const { console, told } = consoleOf();
    const bar = progressBar(console, { total: 10, noun: "webhook" });
    bar.update(10);
    bar.end();
    expect(told).toEqual([]);
  });
});

describe("times", () => {
  it("are in UTC, to the second", () => {
    expect(timeText(Date.UTC(2026, 10, 25, 3, 0, 12, 345))).toBe("2026-11-25T03:00:12Z");
  });

  it.each([
    [340, "340 ms"],
    [12_000, "12 s"],
    [250_000, "4 min 10 s"],
    [3_600_000, "1 h"],
    [183_600_000, "2 d 3 h"],
  ])("%i milliseconds are %s", (milliseconds, text) => {
    expect(durationText(milliseconds)).toBe(text);
  });
});
