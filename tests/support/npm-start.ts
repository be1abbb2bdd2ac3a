import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, vi } from "vitest";
import { type ServeInspector, start } from "../../local/start.js";
import type { StartedSource } from "../../local/terminal.js";

/** Runs `npm start` in this process, with handlers of its own, until the test ends it. */
export async function startWith(stageFile: string, inspect?: ServeInspector) {
  const printed: string[] = [];
  const ended = start({
    stack: "dev",
    stageFile,
    port: 0,
    // Tests reach nothing on the internet.
    requestKeys: () => Promise.reject(new Error("there is no network")),
    format: "json",
    ...(inspect === undefined ? {} : { inspect }),
    print: (text) => printed.push(text),
  });
  let stop: () => Promise<number> = async () => {
    process.emit("SIGINT", "SIGINT");
    return ended;
  };
  onTestFinished(async () => void (await stop()));
  const events = () => printed.map((line) => JSON.parse(line) as Record<string, unknown>);
  const event = (kind: string, part: object) =>
    vi.waitFor(() => expect(events()).toContainEqual(expect.objectContaining({ kind, ...part })), 30_000);
  await Promise.race([
    event("started", { stack: "dev" }),
    ended.then((code) => Promise.reject(new Error(`npm start ended with ${code}`))),
  ]);
  const [{ sources = [], inspector = "" } = {}] = events() as {
    sources?: StartedSource[];
    inspector?: string;
  }[];
  return {
    endpoints: Object.fromEntries(sources.map(({ name, endpoint }) => [name, endpoint])),
    commands: Object.fromEntries(sources.map(({ name, command }) => [name, command])),
    noCommands: Object.fromEntries(sources.map(({ name, noCommand }) => [name, noCommand])),
    /** Address of the page. */
    inspector,
    port: Number(new URL(sources[0]?.endpoint ?? "").port),
    events,
    event,
    stop: () => {
      const result = stop();
      stop = () => ended;
      return result;
    },
  };
}

/** A stage file of its own, until the test ends. */
export async function stageFile(settings: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "webhook-pipeline-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "Pulumi.dev.yaml");
  await writeFile(file, `config:\n${settings}`);
  return file;
}
