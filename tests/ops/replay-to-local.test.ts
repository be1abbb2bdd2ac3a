import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import { eventually } from "local-aws";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toLocal } from "../../ops/replay/to-local.js";
import { providers } from "../../providers/support/known.js";
import type { NameValue } from "../../runtime/envelope/headers.js";
import { verifySignature } from "../../runtime/signatures/verify.js";
import { root } from "../support/imports.js";
import { operate, startOperated } from "../support/ops.js";
import { postToGithub, withOutcome } from "../support/post-webhook.js";
import { githubWebhook } from "../support/processor.js";
import { envelopeOf } from "../support/sqs-events.js";

const secret = "the local secret";
const github = {
  signature: providers.github?.signature ?? { kind: "none" },
  eventId: ["header:x-github-delivery"],
} as const;

describe("replay --to local", () => {
  let answer = 200;
  const received: { readonly url: string; readonly headers: NameValue[]; readonly body: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    const headers = Object.entries(request.headers).map(([name, value]): NameValue => [name, String(value)]);
    received.push({ url: request.url ?? "", headers, body: await buffer(request) });
    response.writeHead(answer).end("too many");
  });
  let port = 0;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => void server.close());
  beforeEach(() => {
    answer = 200;
    received.length = 0;
  });

  /** Sends a webhook of this source, and gives how that ended. */
  async function send(source: string, webhook = envelopeOf()) {
    const running = {
      port,
      sources: [
        {
          definition: { name: "github", ...github },
          endpoint: `http://127.0.0.1:${port}/hook`,
          headers: { "x-api-key": "local" },
          keys: { secret },
        },
      ],
    };
    const ends: string[] = [];
    const loaded = { position: 0, replayId: "r-1", webhookId: `${source}/1`, source, webhook };
    await toLocal(running)([loaded], (those, end, why = "") =>
      ends.push(`${those.length} ${end} ${why}`.trim()),
    );
    return ends;
  }

  it("posts a stage's webhook with its body, headers and query, signed with the local secret", async () => {
    const stored = await githubWebhook("d-1", { secret: "the stage's secret" });
    expect(await send("github", { ...stored, query: [["shop", "7"]] })).toEqual(["1 replayed"]);
    const [request] = received;
    expect(request?.url).toBe("/hook?shop=7");
    expect(request?.body).toEqual(stored.body);
    expect(request?.headers).toContainEqual(["x-github-delivery", "d-1"]);
    expect(request?.headers).toContainEqual(["x-api-key", "local"]);
    const arrived = envelopeOf({ headers: request?.headers ?? [], body: request?.body ?? Buffer.alloc(0) });
    expect(await verifySignature(github.signature, arrived, [secret])).toEqual({ verified: true });
  });

  it("skips what the local pipeline has no source for", async () => {
    expect(await send("stripe")).toEqual([`1 skipped the pipeline on port ${port} has no source stripe`]);
    expect(received).toEqual([]);
  });

  it("fails for what the front door does not take", async () => {
    answer = 429;
    expect(await send("github")).toEqual(["1 failed the front door answered 429: too many"]);
  });
});

/** As somebody's terminal has it, without the way to the stage below. */
const env = { ...process.env };
const stage = await startOperated({ stack: "dev" });

describe("replay --to local, while npm start runs", () => {
  const start = spawn(
    process.execPath,
    ["--import", "tsx", "local/cli.ts", "start", "--json", "--port", "0"],
    { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] },
  );
  let local = "";
  beforeAll(async () => {
    for await (const line of createInterface({ input: start.stdout })) {
      const { kind, sources } = JSON.parse(line) as { kind: string; sources: { endpoint: string }[] };
      if (kind !== "started") continue;
      local = `local:${new URL(sources[0]?.endpoint ?? "").port}`;
      break;
    }
    start.stdout.resume();
  }, 120_000);
  afterAll(async () => {
    if (start.exitCode === null) {
      start.kill("SIGINT");
      await once(start, "exit");
    }
  }, 60_000);

  it("hands a webhook of the stage to it, which finds it genuine by its own secret", async () => {
    await postToGithub(stage, { id: "d-1", body: { from: "the stage" } });
    await withOutcome(stage, "processed", 1);

    const { code, data, told } = await stage.ops(["replay", "d-1", "--to", local, "--yes"]);

    expect([code, data]).toEqual([0, "asked 1, replayed 1, skipped 0, failed 0\n"]);
    expect(told).toContain(` of 1 webhook to stage ${local} (this machine, port `);
    const there = await eventually(
      "the webhook",
      async () => {
        const listed = await operate(["list", "--json", "--outcome", "processed", "--stack", local]);
        return listed.code === 0 ? (JSON.parse(listed.data) as object[]) : undefined;
      },
      60_000,
    );
    expect(there).toMatchObject([{ id: "github/d-1", attempts: 1 }]);
    const { data: body } = await operate(["show", "d-1", "--raw", "--stack", local]);
    expect(body).toBe(JSON.stringify({ from: "the stage" }));
    expect((await stage.history())[0]?.replayIds).toBeUndefined();
  }, 180_000);
});
