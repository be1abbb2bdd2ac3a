import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { eventually } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runningPipelines } from "../../local/running.js";
import { choose } from "../../ops/history/choose.js";
import { historyReader } from "../../ops/history/read-history.js";
import { openLocalStage, type Stage } from "../../ops/stage/stage.js";
import { encodeEnvelope } from "../../runtime/envelope/envelope.js";
import type { HistoryStatus } from "../../runtime/history/item.js";
import { HandledOrders } from "../support/orders.js";
import { envelopeOf } from "../support/sqs-events.js";

/** Webhooks of the large replay. */
const many = 1_000;

const folder = mkdtempSync(join(tmpdir(), "webhook-pipeline-end-to-end-"));
const handled = new HandledOrders();
const env = { ...process.env, XDG_STATE_HOME: join(folder, "state"), NO_COLOR: "1" };
const tsx = ["--import", "tsx"];
let start: ChildProcess;
let stage: Stage;

beforeAll(async () => {
  const file = join(folder, "Pulumi.dev.yaml");
  writeFileSync(
    file,
    `config:
  webhook-pipeline:sources: [{ name: orders, signature: { scheme: none }, eventId: ["json:id"] }]
  webhook-pipeline:processor: { handlersFolder: tests/fixtures/handlers/mendable, timeoutSeconds: 20, maxConcurrency: 2 }
  webhook-pipeline:protect: "false"
`,
  );
  start = spawn(
    process.execPath,
    [...tsx, "local/cli.ts", "start", "--json", "--port", "0", "--file", file],
    {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  for await (const line of createInterface({ input: start.stdout as NodeJS.ReadableStream })) {
    if ((JSON.parse(line) as { kind: string }).kind === "started") break;
  }
  start.stdout?.resume();
  stage = openLocalStage(runningPipelines().filter(({ pid }) => pid === start.pid));
}, 120_000);
afterAll(async () => {
  if (start.exitCode === null) {
    start.kill("SIGINT");
    await once(start, "exit");
  }
  rmSync(folder, { recursive: true });
});

/** A run of `ops` in a process of its own. */
function ops(...args: string[]) {
  const child = spawn(process.execPath, [...tsx, "ops/cli.ts", ...args, "--stack", stage.name], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written = { data: "", told: "" };
  child.stdout.on("data", (chunk) => {
    written.data += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    written.told += String(chunk);
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...written }));
  return { child, ended };
}

/** Puts orders into the queue, as the gateway would. */
async function order(ids: readonly string[]): Promise<void> {
  const sqs = await stage.clients.sqs();
  for (let start = 0; start < ids.length; start += 10) {
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: stage.outputs.queueUrls.webhooks,
        Entries: ids.slice(start, start + 10).map((id) => ({
          Id: id,
          MessageGroupId: "orders",
          MessageBody: encodeEnvelope(
            envelopeOf({
              source: "orders",
              receivedAt: Date.now(),
              headers: [["x-handled-in", handled.file]],
              body: Buffer.from(JSON.stringify({ id })),
            }),
          ),
        })),
      }),
    );
  }
}

async function count(status: HistoryStatus): Promise<number> {
  const reader = historyReader(await stage.clients.dynamoDb(), stage.outputs.historyTable);
  const choice = {
    window: { from: Date.now() - 3_600_000, to: Date.now() + 1_000 },
    sources: ["orders"],
    statuses: [status],
  };
  let found = 0;
  for await (const _ of choose(reader, choice, async () => undefined)) found += 1;
  return found;
}

const numberOf = (part: string, data: string) => Number(new RegExp(`${part} (\\d+)`).exec(data)?.[1] ?? 0);

describe("ops as a process, on what npm start runs", () => {
  const ids = Array.from({ length: many }, (_, index) => `o-${index}`);

  it("replays a thousand that a wrong filter ignored, interrupted by SIGINT and by SIGKILL, none doubled", async () => {
    await order(ids);
    await eventually("a thousand ignored orders", async () => (await count("ignored")) === many, 120_000);
    handled.mend();

    const why = ["--reason", "the filter is mended"];
    const first = ops(
      "replay",
      "--source",
      "orders",
      "--outcome",
      "ignored",
      "--rate",
      "50",
      "--yes",
      ...why,
    );
    await eventually("some replayed orders", () => handled.ids.length > 20, 60_000);
    first.child.kill("SIGINT");
    const interrupted = await first.ended;
    expect(interrupted.told).toMatch(/replay \S+ of 1,000 webhooks/);
    const [, replayId = ""] =
      /next: npm run ops -- replay --resume (\S+) --stack local:\d+/.exec(interrupted.told) ?? [];
    expect(interrupted.code).toBe(1);
    const sent = numberOf("replayed", interrupted.data);
    expect(interrupted.data).toBe(
      `asked ${many}, replayed ${sent}, skipped 0, failed 0, left ${many - sent}\n`,
    );
    expect(sent).toBeLessThan(many);

    const second = ops("replay", "--resume", replayId, "--rate", "50", "--yes");
    await eventually("some more", () => handled.ids.length > sent + 20, 60_000);
    second.child.kill("SIGKILL");
    expect((await second.ended).code).toBeNull();

    const third = await ops("replay", "--resume", replayId, "--rate", "1000", "--yes").ended;
    expect(third.told).toMatch(/left +\d+ webhooks of these/);
    expect([third.code, third.data]).toEqual([0, `asked ${many}, replayed ${many}, skipped 0, failed 0\n`]);
    await eventually("all handled", async () => (await count("processed")) === many, 120_000);
    expect(handled.ids.toSorted()).toEqual(ids.toSorted());
    const { data } = await ops("show", `o-${many - 1}`).ended;
    expect(data).toMatch(/asked for by \S+@\S+: the filter is mended\n.* processed at try 2/s);
  }, 300_000);

  it("is no error when the reader of a long list has had enough", async () => {
    const list = `"${process.execPath}" --import tsx ops/cli.ts list --ndjson --limit ${many} --stack ${stage.name}`;
    const child = spawn("bash", ["-c", `set -o pipefail; ${list} | head -1`], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let data = "";
    let told = "";
    child.stdout.on("data", (chunk) => {
      data += String(chunk);
    });
    child.stderr.on("data", (chunk) => {
      told += String(chunk);
    });
    const [code] = await once(child, "close");
    expect(told).not.toMatch(/EPIPE|Error/);
    expect([code, data.trim().split("\n").length]).toEqual([0, 1]);
  });

  it("follows new webhooks and how they end, until Ctrl-C", async () => {
    handled.mend();
    const { child, ended } = ops("tail", "--ndjson");
    let data = "";
    child.stdout.on("data", (chunk) => {
      data += String(chunk);
    });
    let told = "";
    child.stderr.on("data", (chunk) => {
      told += String(chunk);
    });
    await eventually("the beginning", () => told.includes("Ctrl-C ends it"), 30_000);
    await order(["followed"]);
    await eventually(
      "the webhook",
      () => data.includes('"id":"orders/followed"') && data.includes('"outcome":"processed"'),
      30_000,
    );
    child.kill("SIGINT");
    expect((await ended).code).toBe(0);
  });
});

/** A terminal for a program, if there is one that needs no compiler on this machine. */
function openTerminal(args: readonly string[]) {
  const { spawn: spawnTerminal } = createRequire(import.meta.url)(
    "@lydell/node-pty",
  ) as typeof import("@lydell/node-pty");
  const terminal = spawnTerminal(process.execPath, [...tsx, "ops/cli.ts", ...args, "--stack", stage.name], {
    env: { ...env, NO_COLOR: "", TERM: "xterm-256color" },
    cols: 120,
    rows: 40,
  });
  let shown = "";
  terminal.onData((text) => {
    shown += text;
  });
  const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  return {
    shows: (text: string) => eventually(`"${text}" at the terminal`, () => shown.includes(text), 60_000),
    type: (text: string) => terminal.write(text),
    ended: ended.then((code) => ({ code, shown })),
  };
}

const hasTerminal = (() => {
  try {
    createRequire(import.meta.url)("@lydell/node-pty");
    return true;
  } catch {
    console.warn("skipped: tests of a terminal need @lydell/node-pty, which has no binary for this machine");
    return false;
  }
})();

describe.skipIf(!hasTerminal)("ops at a terminal", () => {
  const replay = ["replay", "--source", "orders", "--where", "json:id=o-7", "--rate", "1"];

  it("asks, and does nothing if the answer is no", async () => {
    const before = readFileSync(handled.file, "utf8");
    const { shows, type, ended } = openTerminal(replay);
    await shows("Replay 1 webhook?");
    type("n\r");
    const { code, shown } = await ended;
    expect(code).toBe(4);
    expect(shown).toContain("nothing was done: the answer was no");
    expect(readFileSync(handled.file, "utf8")).toBe(before);
  });

  it("shows the plan, asks, shows a progress bar, and adds up", async () => {
    const { shows, type, ended } = openTerminal(replay);
    await shows("Replay 1 webhook?");
    type("y\r");
    const { code, shown } = await ended;
    expect(shown).toContain(`stage ${stage.name} (this machine, port`);
    expect(shown).toMatch(/░{30} 0 of 1 webhook/);
    expect(shown).toMatch(/█{30} 1 of 1 webhook/);
    expect(shown).toContain("asked 1, replayed 1, skipped 0, failed 0");
    expect(code).toBe(0);
  });
});
