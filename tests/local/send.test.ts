import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { runningPipelines } from "../../local/running.js";
import { needsToken } from "../../providers/support/handshakes.js";
import { providers } from "../../providers/support/known.js";
import { stageFile, startWith } from "../support/npm-start.js";
import { operate } from "../support/ops.js";
import { senderOf } from "../support/senders/index.js";

/** Runs `npm run send` in this process. */
const send = (...args: string[]) => operate(["send", "--stack", "local", ...args]);

/** What a printed line writes. npm is started once only, since it takes a second; its other lines run as it would run them. */
async function pasted(source: string, line: string): Promise<string> {
  const [, args] = /^npm run send -- (.*)$/.exec(line) ?? [];
  if (args !== undefined && source !== "plaid") {
    const { data, told } = await send(...args.split(" "));
    return data || told;
  }
  // npm would leave its compiled code among the temporary files.
  const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" };
  return (await promisify(execFile)("sh", ["-c", line], { env })).stdout;
}

const sources = (list: readonly object[]) =>
  stageFile(`  webhook-pipeline:sources: ${JSON.stringify(list)}\n`);

/** A source for each provider that this repository has, named like it. */
const presets = Object.entries(providers).map(([name, provider]) => {
  const kind = provider.handshake.kind;
  const token =
    kind === "meta" && needsToken(kind) ? { handshake: { kind, verifyToken: "our-own-token" } } : {};
  return { name, signature: { scheme: name, ...senderOf(name, provider).settings }, ...token };
});

describe("npm start with a source of every provider", () => {
  it("prints a line for each that a shell runs, and that the source believes", async () => {
    const { commands, events, port, stop } = await startWith(await sources(presets));
    const lines = presets.map(({ name }) => [name, commands[name] ?? ""] as const);
    expect(lines.filter(([, line]) => line === "")).toEqual([]);
    expect(commands.plaid).toBe(`npm run send -- plaid --stack local:${port}`);

    const waiting = [...lines];
    const paste = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        expect(await pasted(...next), next[0]).toMatch(/"id": ?"|^200 {2}\S+ {2}\S/m);
      }
    };
    await Promise.all([paste(), paste(), paste(), paste()]);

    const outcomes = () =>
      events().flatMap(({ message, webhookId = "" }) => {
        const [, outcome] = /^webhook (\S+)/.exec(String(message)) ?? [];
        return outcome === undefined ? [] : [`${String(webhookId).split("/")[0]} ${outcome}`];
      });
    await vi.waitFor(
      () => expect(outcomes().sort()).toEqual(presets.map(({ name }) => `${name} processed`).sort()),
      { timeout: 60_000, interval: 200 },
    );
    expect(await stop()).toBe(0);
  }, 240_000);
});

describe("npm run send", () => {
  it("sends a new event each time, of the type and with the body that were asked for", async () => {
    const file = await sources([
      { name: "shop", signature: { scheme: "plaid" } },
      { name: "code", signature: { scheme: "github" }, filter: { include: ["push"] } },
    ]);
    const body = join(dirname(file), "body.json");
    await writeFile(body, '{ "webhook_code": "OUR_OWN" }');
    const { event, port, endpoints } = await startWith(file);

    const { code, data, told } = await send("shop", "--stack", `local:${port}`, "--body", body, "--json");
    expect([code, told]).toEqual([
      0,
      `stage local:${port} (this machine, port ${port}): 1 webhook to ${endpoints.shop}\n`,
    ]);
    const sent = JSON.parse(data);
    expect(sent).toEqual({
      source: "shop",
      url: endpoints.shop,
      status: 200,
      id: expect.stringMatching(/./),
    });
    await event("log", { message: "webhook processed", webhookId: `shop/request-id:${sent.id}` });

    await send("code", "--stack", `local:${port}`, "--event", "issues");
    await event("log", {
      message: expect.stringMatching(/^webhook ignored/),
      webhookId: expect.stringMatching(/^code/),
    });
    await send("code", "--stack", `local:${port}`);
    await event("log", { message: "webhook processed", webhookId: expect.stringMatching(/^code/) });
  }, 60_000);

  it("says which sources there are, and where pipelines run", async () => {
    const { port, stop } = await startWith(
      await sources([{ name: "shop", signature: { scheme: "none" }, eventId: ["request-id"] }]),
    );
    expect(await send("shpo", "--stack", `local:${port}`)).toEqual({
      code: 1,
      data: "",
      told: `stage local:${port} has no source "shpo" (its sources: shop)\n`,
    });
    expect((await send("shop", "--stack", "local:1")).told).toContain(`stage dev on port ${port}`);
    expect(await send("shop", "--stack", `local:${port}`, "--body", "nowhere.json")).toEqual({
      code: 1,
      data: "",
      told: "--body nowhere.json cannot be read: ENOENT\n",
    });
    expect((await send("shop", "--stack", `local:${port}`, "--event", "a")).told).toContain(
      'source "shop": the source has no eventType, so an event\'s type has no place: leave --event out\n',
    );

    await stop();
    expect(runningPipelines().map((running) => running.port)).not.toContain(port);
    const afterwards = await send("shop", "--stack", `local:${port}`);
    expect([afterwards.code, afterwards.told]).toEqual([3, expect.stringMatching(/^no pipeline runs on/)]);
  }, 60_000);

  it("tells what the front door did not take, and ends with 1", async () => {
    const { port } = await startWith(
      await stageFile(`  webhook-pipeline:sources: [{ name: shop, signature: { scheme: github } }]
  webhook-pipeline:api: { contentTypes: ["text/xml"] }
`),
    );
    const { code, data, told } = await send("shop", "--stack", `local:${port}`, "--json");
    expect([code, JSON.parse(data).status]).toEqual([1, 415]);
    expect(told).toMatch(/^the front door answered 415: /m);
  }, 60_000);
});

describe("npm start", () => {
  it("says why there is no line for a source, and shows the key that its front door asks for", async () => {
    const pem = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    const none = { signature: { scheme: "none" }, eventId: ["request-id"] };
    const { commands, noCommands, event } = await startWith(
      await sources([
        { name: "pinned", signature: { scheme: "discord", publicKey: pem } },
        { name: "fenced", ...none, allowedCidrs: ["192.0.2.0/24"] },
        { name: "at-home", ...none, allowedCidrs: ["127.0.0.0/8"] },
        { name: "keyed", ...none, apiKey: true },
      ]),
    );
    expect(noCommands).toEqual({
      pinned: "with the provider's own test events: only it can sign for the public key in the settings",
      fenced: "from an address in its allowedCidrs (192.0.2.0/24), which this machine is not",
    });
    for (const name of ["at-home", "keyed"]) {
      await promisify(execFile)("sh", ["-c", String(commands[name])]);
      await event("log", { message: "webhook processed", webhookId: expect.stringMatching(`^${name}/`) });
    }
  }, 60_000);
});
