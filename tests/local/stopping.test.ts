import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";

/** Runs a command until it has said something, sends it signals, and resolves its exit code. */
async function stopped(
  command: string[],
  saying: string,
  ...signals: NodeJS.Signals[]
): Promise<number | null> {
  const child = spawn(process.execPath, ["--import", "tsx", "local/cli.ts", ...command], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let said = "";
  child.stdout.on("data", (chunk) => {
    said += String(chunk);
  });
  while (!said.includes(saying)) await once(child.stdout, "data");
  expect(foldersOfFunctions()).not.toEqual([]);
  for (const signal of signals) child.kill(signal);
  const [code] = (await exited) as [number | null];
  return code;
}

/** In this file's own folder for temporary files, where tsx keeps a cache beside them. */
const foldersOfFunctions = () => readdirSync(tmpdir()).filter((name) => name.startsWith("local-aws-"));

describe("npm start", () => {
  it.each<[string, NodeJS.Signals[]]>([
    ["Ctrl-C, which npm passes on once more", ["SIGINT", "SIGINT"]],
    ["a closed terminal", ["SIGHUP"]],
    ["a supervisor", ["SIGTERM"]],
  ])("ends well and leaves no folder behind after %s", async (_, signals) => {
    expect(await stopped(["start", "--port", "0"], "Ctrl-C stops it", ...signals)).toBe(0);
    expect(foldersOfFunctions()).toEqual([]);
  });
});

describe("the demo", () => {
  it.each<[string, NodeJS.Signals, number]>([
    ["Ctrl-C", "SIGINT", 130],
    ["a closed terminal", "SIGHUP", 129],
    ["a supervisor", "SIGTERM", 143],
  ])("leaves no folder behind after %s", async (_, signal, code) => {
    expect(await stopped(["demo"], "runs on http", signal)).toBe(code);
    expect(foldersOfFunctions()).toEqual([]);
  });
});
