import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { eventually } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../support/imports.js";

/** What the webhooks are handed to. The shop fails until it is mended. */
let answer = 500;
const billed: string[] = [];
const mailed: string[] = [];
const takers: Readonly<Record<string, string[]>> = { "/billing": billed, "/mail": mailed };
const target = createServer((request, response) => {
  const taken = takers[request.url ?? ""];
  taken?.push(String(request.headers["x-github-delivery"]));
  request.resume().on("end", () => response.writeHead(taken === undefined ? answer : 200).end());
});

/** Runs a script of package.json, without npm, which takes a second to start. */
function script(file: "local/cli.ts" | "ops/cli.ts", args: readonly string[]): ChildProcess {
  const env = { ...process.env, NO_COLOR: "1", NODE_DISABLE_COMPILE_CACHE: "1" };
  return spawn(process.execPath, ["--import", "tsx", file, ...args], { cwd: root, env });
}

const folder = mkdtempSync(join(tmpdir(), "webhook-pipeline-user-"));
let start: ChildProcess;
let gateway: string;
const lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  target.listen(0, "127.0.0.1");
  await once(target, "listening");
  const { port } = target.address() as AddressInfo;
  const to = (path: string) => ({
    url: `http://127.0.0.1:${port}${path}`,
    allowPrivateNetwork: true,
    timeoutSeconds: 2,
  });
  const signature = { scheme: "github" };
  const shop = { name: "shop", signature, forward: to("/") };
  const subscribers = ["billing", "mail"].map((name) => ({ name, target: { forward: to(`/${name}`) } }));
  const crm = { name: "crm", signature, subscribers };
  const file = join(folder, "Pulumi.dev.yaml");
  writeFileSync(
    file,
    `config:
  webhook-pipeline:sources: ${JSON.stringify([shop, crm])}
  webhook-pipeline:queue: { maxReceiveCount: 2, retentionDays: 1 }
  webhook-pipeline:processor: { timeoutSeconds: 10, backoff: { baseSeconds: 1, maxSeconds: 1 } }
`,
  );
  start = script("local/cli.ts", ["start", "--json", "--port", "0", "--file", file]);
  if (start.stdout === null) throw new Error("npm start has no output");
  createInterface(start.stdout).on("line", (line) => lines.push(JSON.parse(line)));
  const { sources } = await eventually(
    "npm start",
    () => lines.find(({ kind }) => kind === "started") as { sources: { endpoint: string }[] } | undefined,
    120_000,
  );
  gateway = new URL(sources[0]?.endpoint ?? "").port;
}, 150_000);

afterAll(async () => {
  start?.kill("SIGINT");
  if (start !== undefined && start.exitCode === null) await once(start, "exit");
  target.close();
  rmSync(folder, { recursive: true });
}, 60_000);

/** Runs `npm run ops -- <args> --stack local`. */
async function ops(args: readonly string[], stdin = "") {
  const child = script("ops/cli.ts", [...args, "--stack", `local:${gateway}`]);
  child.stdin?.end(stdin);
  const [data, told, [code]] = await Promise.all([
    child.stdout === null ? "" : text(child.stdout),
    child.stderr === null ? "" : text(child.stderr),
    once(child, "close"),
  ]);
  return { code, data, told };
}

const alarms = (message: RegExp) =>
  lines.filter((line) => line.kind === "alarm" && message.test(JSON.stringify(line)));

describe("somebody on call, at the terminal", () => {
  it("finds what is wrong, stops it, mends it, and brings every webhook back", async () => {
    expect((await ops(["send", "shop", "--count", "3"])).code).toBe(0);
    await eventually("the page", () => alarms(/dead-letters/).length > 0, 90_000);

    const seen = await ops(["status"]);
    expect(seen.data.split("\n").slice(1, 4).join("\n")).toMatch(/alarms are on\n\n(page|alarm) webhooks-/);
    expect(seen.data).toMatch(/×3 +shop +failed/);

    expect(await ops(["pause", "shop", "--reason", "the shop is down"])).toMatchObject({ code: 0 });
    answer = 200;
    expect(await ops(["redrive", "--yes", "--rate", "100"])).toMatchObject({ code: 0 });
    expect(await ops(["resume", "shop"])).toMatchObject({ code: 0 });
    const listed = await eventually(
      "all are processed",
      async () => {
        const { data } = await ops(["list", "--outcome", "processed", "--json"]);
        const items = JSON.parse(data) as { source: string; attempts: number }[];
        return items.length === 3 ? items : undefined;
      },
      60_000,
    );
    expect(listed.map(({ source }) => source)).toEqual(["shop", "shop", "shop"]);
    expect((await ops(["redrive"])).code).toBe(3);
    expect(alarms(/"ALARM".*dead-letters|dead-letters.*"ALARM"/)).toHaveLength(1);
  }, 240_000);

  it("sees rejects after the sender has rotated its secret, and stores the new one beside the old", async () => {
    await ops(["send", "shop", "--secret-stdin"], "the sender's new secret");
    const rejected = async () => JSON.parse((await ops(["status", "--json"])).data).sources[0].rejected;
    await eventually("the reject", async () => (await rejected()) === 1, 60_000);

    const set = await ops(["secret", "set", "shop", "--keep-previous"], "the sender's new secret\n");
    expect(set).toMatchObject({ code: 0, data: expect.stringContaining("2 active") });
  }, 240_000);

  it("replays a webhook to all its subscribers, and to one of them alone", async () => {
    expect((await ops(["send", "crm"])).code).toBe(0);
    await eventually("both subscribers", () => billed.length === 1 && mailed.length === 1, 60_000);
    const id = billed[0] ?? "";
    const whole = await ops(["replay", id, "--yes", "--reason", "both lost their data"]);
    expect(whole).toMatchObject({ code: 0, data: "asked 1, replayed 1, skipped 0, failed 0\n" });
    await eventually("both again", () => billed.length === 2 && mailed.length === 2, 60_000);

    const alone = await ops(["replay", id, "--subscriber", "mail", "--yes"]);
    expect(alone).toMatchObject({ code: 0, told: expect.stringContaining("crm for mail 1") });
    await eventually("the mail alone", () => mailed.length === 3, 60_000);
    const processed = async () => JSON.parse((await ops(["list", "--subscriber", "mail", "--json"])).data);
    await eventually("its end", async () => (await processed())[0]?.outcome === "processed", 60_000);
    expect([new Set(billed), billed.length, mailed]).toEqual([new Set([id]), 2, [id, id, id]]);
  }, 240_000);
});
