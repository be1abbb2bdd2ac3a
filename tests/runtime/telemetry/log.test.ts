import { describe, expect, it } from "vitest";
import type { LogLevel } from "../../../runtime/stage/environment.js";
import { createLog, errorFields } from "../../../runtime/telemetry/log.js";

function logAt(level: LogLevel) {
  const lines: string[] = [];
  const log = createLog({ level, clock: () => 1_767_225_600_000, writeLine: (line) => lines.push(line) });
  return { log, lines };
}

describe("createLog", () => {
  it("writes one JSON object a line, level and time first", () => {
    const { log, lines } = logAt("INFO");
    log
      .with({ source: "github" })
      .info("line\nbreaks stay inside", { webhook_id: "github/1", absent: undefined });
    expect(lines).toEqual([
      '{"level":"INFO","timestamp":"2026-01-01T00:00:00.000Z","message":"line\\nbreaks stay inside","source":"github","webhook_id":"github/1"}',
    ]);
  });

  it("lets no field hide its own members", () => {
    const { log, lines } = logAt("INFO");
    log.error("real", { message: "fake", level: "DEBUG" });
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "ERROR", message: "real" });
  });

  it.each([
    ["DEBUG", ["DEBUG", "INFO", "WARN", "ERROR"]],
    ["INFO", ["INFO", "WARN", "ERROR"]],
    ["WARN", ["WARN", "ERROR"]],
    ["ERROR", ["ERROR"]],
  ] as const)("at %s writes %j", (level, expected) => {
    const { log, lines } = logAt(level);
    const child = log.with({ source: "github" });
    child.debug("d");
    child.info("i");
    child.warn("w");
    child.error("e");
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(expected);
  });
});

describe("errorFields", () => {
  it("takes errors and anything else that can be thrown", () => {
    expect(errorFields(new TypeError("broken"))).toMatchObject({
      error: "TypeError: broken",
      stack: expect.any(String),
    });
    expect(errorFields("text")).toEqual({ error: "text" });
    expect(errorFields(undefined)).toEqual({ error: "undefined" });
  });
});
