import type { LogLine } from "local-aws";
import { describe, expect, it } from "vitest";
import { type Terminal, terminal } from "../../local/terminal.js";

const at = new Date("2026-01-02T03:04:05.678Z");
const functionLine = (line: string): LogLine => ({ at, from: "processor", line });
const record = {
  level: "ERROR",
  timestamp: "2026-01-02T03:04:05.000Z",
  message: "webhook failed",
  webhook_id: "github:1",
  source: "github",
  error: "Error: no such order",
};
const metrics = JSON.stringify({
  _aws: { Timestamp: 1, CloudWatchMetrics: [] },
  FunctionName: "processor",
  Processed: 1,
});

function shown(format: "text" | "json", happens: (terminal: Terminal) => void): string[] {
  const lines: string[] = [];
  happens(terminal((text) => lines.push(text), format));
  return lines;
}
const logged = (line: string, format: "text" | "json" = "text") =>
  shown(format, (each) => each.log(functionLine(line)));

describe("a line of the function's log", () => {
  it("is shown with time, level, webhook id, message and its other fields", () => {
    expect(logged(JSON.stringify(record))).toEqual([
      '2026-01-02T03:04:05.000Z  ERROR  github:1  webhook failed  source=github  error="Error: no such order"',
    ]);
  });

  it("is shown if a handler wrote it with console.log, as text or under Lambda's JSON format", () => {
    expect(logged("order 5")).toEqual(["2026-01-02T03:04:05.678Z  INFO   -  order 5"]);
    const wrapped = { timestamp: "2026-01-02T03:04:05.000Z", level: "WARN", message: { order: 5 } };
    expect(logged(JSON.stringify(wrapped))).toEqual(['2026-01-02T03:04:05.000Z  WARN   -  {"order":5}']);
  });

  it.each([
    "INIT ERROR Runtime.ImportModuleError: Cannot find module",
    "3b241101-e2bb-4255-8caf-4136c566a962 ERROR Sandbox.Timedout: Task timed out after 5.00 seconds",
  ])("is an error if Lambda tells of a crash or a time-out: %s", (line) => {
    expect(logged(line)).toEqual([`2026-01-02T03:04:05.678Z  ERROR  -  ${line}`]);
  });

  it.each(['{"level":"INFO", broken', "{", "{}x"])("is shown as it is if it is broken JSON: %s", (line) => {
    expect(logged(line)).toEqual([`2026-01-02T03:04:05.678Z  INFO   -  ${line}`]);
  });

  it("has its stack trace below it", () => {
    const stack = "Error: no\n    at one\n    at two";
    expect(logged(JSON.stringify({ level: "ERROR", timestamp: "now", message: "no", stack }))).toEqual([
      "now  ERROR  -  no\n    at one\n    at two",
    ]);
  });

  it("cannot move the cursor or pass for a second line", () => {
    const [line = ""] = logged(JSON.stringify({ ...record, message: "a\u001b[2Jb\nc", error: "\u009b" }));
    expect(line).toContain("a\\u001b[2Jb\\u000ac");
    expect(line).not.toMatch(/\p{Cc}/u);
  });

  it("is not shown if it only carries metrics, or is the gateway's", () => {
    expect(logged(metrics)).toEqual([]);
    expect(shown("text", (each) => each.log({ at, from: "access-log", line: "{}" }))).toEqual([]);
  });

  it("is one JSON object for machines", () => {
    const { level, message, webhook_id, source, error } = record;
    expect(logged(JSON.stringify(record), "json").map((line) => JSON.parse(line))).toEqual([
      {
        kind: "log",
        function: "processor",
        time: record.timestamp,
        level,
        webhookId: webhook_id,
        message,
        fields: { source, error },
      },
    ]);
    expect(logged("{ broken", "json").map((line) => JSON.parse(line))).toEqual([
      { kind: "log", function: "processor", time: at.toISOString(), level: "INFO", message: "{ broken" },
    ]);
  });
});

describe("what AWS would say nothing about", () => {
  const change = { from: "OK", to: "ALARM", reason: "1 datapoint", at } as const;

  it("is shown: problems, and alarms that go off or are over", () => {
    const lines = shown("text", (each) => {
      each.problem("the logs of processor are lost");
      each.alarm("orders-dead-letters", change);
      each.alarm("orders-dead-letters", { ...change, from: "ALARM", to: "OK" });
    });
    expect(lines).toEqual([
      expect.stringMatching(/^\d.*Z {2}WARN {3}- {2}the logs of processor are lost$/),
      "2026-01-02T03:04:05.678Z  WARN   -  the alarm orders-dead-letters is ALARM, and was OK: 1 datapoint",
      "2026-01-02T03:04:05.678Z  INFO   -  the alarm orders-dead-letters is OK, and was ALARM: 1 datapoint",
    ]);
  });

  it("does not tell of alarms that have their first data", () => {
    const first = { ...change, from: "INSUFFICIENT_DATA", to: "OK" } as const;
    expect(shown("text", (each) => each.alarm("a", first))).toEqual([]);
    expect(shown("json", (each) => each.alarm("a", first))).toEqual([]);
  });

  it("is told to machines as well", () => {
    const lines = shown("json", (each) => {
      each.problem("lost");
      each.alarm("a", change);
    });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { kind: "problem", time: expect.any(String), message: "lost" },
      { kind: "alarm", time: at.toISOString(), name: "a", from: "OK", to: "ALARM", reason: "1 datapoint" },
    ]);
  });
});

describe("the welcome", () => {
  const started = {
    stack: "dev",
    url: "http://127.0.0.1:8787",
    sources: [
      {
        name: "github",
        endpoint: "http://127.0.0.1:8787/v1/webhooks/github",
        secret: "s3",
        command: "curl x",
      },
      {
        name: "discord",
        endpoint: "http://127.0.0.1:8787/v1/webhooks/discord",
        secret: "-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n",
        noCommand: "with the provider's own test events",
      },
    ],
    retries: {
      webhooks: "tried 14 times over about 5 hours",
      "webhooks-crm": "tried 14 times over about 20 minutes",
    },
    environment: { AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_REGION: "us-east-1" },
  };

  it("tells each source's address, secret and command, each queue's retries, and how a shell reaches the local services", () => {
    expect(shown("text", (each) => each.started(started))[0]?.split("\n")).toEqual([
      'The pipeline of stage "dev" runs on http://127.0.0.1:8787; Ctrl-C stops it and forgets everything.',
      "",
      "github",
      "  posts to  http://127.0.0.1:8787/v1/webhooks/github",
      "  secret    s3",
      "  try it    curl x",
      "",
      "discord",
      "  posts to  http://127.0.0.1:8787/v1/webhooks/discord",
      '  secret    "-----BEGIN PUBLIC KEY-----\\nMCow\\n-----END PUBLIC KEY-----\\n"',
      "  try it    with the provider's own test events",
      "",
      "Before a webhook that fails goes to the dead-letter queue, it is",
      "  tried 14 times over about 5 hours, in webhooks",
      "  tried 14 times over about 20 minutes, in webhooks-crm",
      "",
      "The local AWS services answer on http://127.0.0.1:1. To use them from a shell:",
      "  export AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_REGION=us-east-1",
      "",
    ]);
  });

  it("is one JSON object for machines", () => {
    const [line = ""] = shown("json", (each) => each.started(started));
    expect(JSON.parse(line)).toEqual({ kind: "started", ...started });
  });
});
