import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { eventually } from "../../testing/eventually.js";

const bootstrap = fileURLToPath(new URL("../../lambda/bootstrap.ts", import.meta.url));

/** Starts a function's process as its host does, lets it loop for ever, and tells the process's id. */
const host = (taskFolder: string) => `
  const child = require("node:child_process").fork(
    ${JSON.stringify(bootstrap)}, [${JSON.stringify(JSON.stringify({ taskFolder, handler: "index.handler" }))}],
    { stdio: ["ignore", "pipe", "pipe", "ipc"], serialization: "advanced", detached: true });
  child.on("message", () => child.send({ requestId: "1", payload: "{}", deadline: Date.now() + 60_000, context: {} }));
  child.stdout.on("data", () => console.log(child.pid));`;

it("ends a function in an endless loop when its host was killed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bootstrap-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const code =
    "export const handler = async () => { process.stdout.write('looping'); setImmediate(() => { for (;;); }); await new Promise(() => {}); };";
  await writeFile(join(folder, "index.mjs"), code);
  const running = spawn(process.execPath, ["-e", host(folder)], { stdio: ["ignore", "pipe", "inherit"] });
  const [text] = await once(running.stdout, "data");
  const pid = Number(text);
  const isAlive = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  expect(isAlive()).toBe(true);

  running.kill("SIGKILL");
  await eventually("the end of the function", () => !isAlive(), 20_000);
}, 40_000);
