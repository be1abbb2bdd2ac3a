import { PassThrough } from "node:stream";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { describe, expect, it } from "vitest";
import { Console } from "../../command-line/console.js";
import { runEngine, type Watching } from "../../deploy/engine/run.js";

const console = new Console(
  { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} },
  false,
);

const event = (content: Partial<EngineEvent>): EngineEvent => ({ sequence: 0, timestamp: 0, ...content });

const run = (engine: (watching: Watching) => Promise<unknown>, writes = true) =>
  runEngine({ command: "up", stack: "dev", console, writes }, engine);

const failing = (...events: EngineEvent[]) =>
  run(async ({ onEvent }) => {
    for (const each of events) onEvent(each);
    throw new Error("Command failed with exit code 1");
  });

const diagnostic = (severity: string, message: string) =>
  event({ diagnosticEvent: { severity: severity as "error", message, color: "never" } });

describe("a run of the engine", () => {
  it("tells its events, without those for debugging", async () => {
    const events = await run(async ({ onEvent }) => {
      onEvent(diagnostic("debug", "x"));
      onEvent(diagnostic("warning", "y"));
    });

    expect(events.map(({ diagnosticEvent }) => diagnosticEvent?.message)).toEqual(["y"]);
  });

  it("ends early when what it is asked for has been refused meanwhile", async () => {
    const refused = new AbortController();
    const ended = runEngine(
      { command: "preview", stack: "dev", console, writes: false, signal: refused.signal },
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("killed")));
        }),
    );
    refused.abort();

    await expect(ended).rejects.toThrow("killed");
  });

  it("never has the engine show the configuration's secrets", async () => {
    let showSecrets: boolean | undefined;
    await run(async (watching) => {
      showSecrets = watching.showSecrets;
    });

    expect(showSecrets).toBe(false);
  });

  it("that fails says what the engine names as an error, not what it warns of", async () => {
    await expect(
      failing(diagnostic("warning", "w"), diagnostic("error", "the moon is full")),
    ).rejects.toThrow("the engine failed: the moon is full");
  });

  it("that a policy forbids names the policy", async () => {
    const forbidden = event({
      policyEvent: {
        policyName: "queues-encrypted",
        enforcementLevel: "mandatory",
        message: "Queues must be encrypted.\nwebhooks-queue: it has no key\n",
        color: "never",
        policyPackName: "p",
        policyPackVersion: "1",
        policyPackVersionTag: "1",
      },
    });

    await expect(failing(forbidden)).rejects.toThrow(
      "the policy pack forbids it:\n  queues-encrypted: Queues must be encrypted.\n    webhooks-queue: it has no key",
    );
  });

  it("that is interrupted says how far it came, and how to go on", async () => {
    const interrupted = run(async ({ onEvent, signal }) => {
      const metadata = { op: "create", urn: "u", type: "t", provider: "" } as never;
      onEvent(event({ resOutputsEvent: { metadata } }));
      process.emit("SIGTERM", "SIGTERM");
      if (signal.aborted) throw new Error("update canceled");
    });

    await expect(interrupted).rejects.toMatchObject({
      message: "up was interrupted: 1 resource had been done",
      exitCode: 1,
      next: expect.stringContaining("npm run deploy -- up --stack dev"),
    });
  });

  it("that is interrupted before it writes has done nothing", async () => {
    const interrupted = run(async () => {
      process.emit("SIGTERM", "SIGTERM");
      throw new Error("preview canceled");
    }, false);

    await expect(interrupted).rejects.toMatchObject({
      message: "interrupted: nothing was done",
      exitCode: 4,
    });
  });
});
