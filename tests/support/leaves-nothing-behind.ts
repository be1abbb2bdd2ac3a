import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, vi } from "vitest";

/*
 * Runs around every test file. Files share a process, so what one changes there decides what the next one sees. A file
 * fails here if it leaves a change behind, or anything in its folder for temporary files.
 */

/** What all files of a process share, by name. */
function sharedState(): ReadonlyMap<string, unknown> {
  const { TMPDIR: _, ...variables } = process.env;
  return new Map<string, unknown>([
    ...Object.entries(variables).map(([name, value]) => [`process.env.${name}`, value] as const),
    ["process.exitCode", process.exitCode],
    ["process.cwd", process.cwd()],
    ["process.stdout.write", process.stdout.write],
    ["process.stderr.write", process.stderr.write],
    ["listeners of SIGHUP", process.listenerCount("SIGHUP")],
    ["listeners of SIGINT", process.listenerCount("SIGINT")],
    ["listeners of SIGTERM", process.listenerCount("SIGTERM")],
    ["fake timers", vi.isFakeTimers()],
    ["setTimeout", setTimeout],
    ["clearTimeout", clearTimeout],
    ["setImmediate", setImmediate],
    ["fetch", fetch],
    ["Date.now", Date.now],
    ["Math.random", Math.random],
  ]);
}

// The processes that tests start compile the same modules again and again: one cache for all of them saves a second each.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "node-compile-cache");

const before = sharedState();
const temporaryBefore = process.env.TMPDIR;
const temporary = mkdtempSync(join(tmpdir(), "webhook-test-"));
process.env.TMPDIR = temporary;

afterAll(() => {
  // tsx keeps what it has compiled for its next start.
  const leftBehind = readdirSync(temporary).filter((name) => !name.startsWith("tsx-"));
  rmSync(temporary, { recursive: true });
  if (temporaryBefore === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = temporaryBefore;

  const after = sharedState();
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
  expect({ changed, leftBehind }).toEqual({ changed: [], leftBehind: [] });
});
