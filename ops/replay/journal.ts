import {
  appendFileSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { CommandError, NothingMatchedError } from "../../command-line/command-error.js";
import type { PlannedReplay } from "./plan.js";

/** What a replay is, besides its webhooks. */
export interface ReplayRun {
  readonly replayId: string;
  /** The stage: its name, and its history's table with account and Region, so that it goes on nowhere else. */
  readonly stage: string;
  readonly account: string;
  readonly region: string;
  readonly table: string;
  /** In words, which webhooks. */
  readonly which: string;
  readonly by: string;
  readonly reason?: string;
}

/** How a webhook's replay ended. */
export type ReplayEnd = "replayed" | "skipped" | "failed";

/**
 * What was planned and how far it is, in a file. The plan is on disk before the first message is sent, and each end before the next
 * one. So whatever ends the process, another one knows what is left; what was sent without its end being written is sent again
 * under the same id, and the claim lets it in once.
 */
export interface Journal {
  readonly run: ReplayRun;
  readonly planned: readonly PlannedReplay[];
  /** By the positions of the planned webhooks. Failed ones are tried again when the replay goes on. */
  readonly ends: ReadonlyMap<number, ReplayEnd>;
  write(positions: readonly number[], end: ReplayEnd): void;
}

/** A journal for a replay that nobody goes on with. */
export function journalInMemory(run: ReplayRun, planned: readonly PlannedReplay[]): Journal {
  const ends = new Map<number, ReplayEnd>();
  return {
    run,
    planned,
    ends,
    write(positions, end) {
      for (const position of positions) ends.set(position, end);
    },
  };
}

/** The folder for what must outlive a program (XDG Base Directory Specification). */
export function stateFolder(env: Readonly<Record<string, string | undefined>>): string {
  const state = env.XDG_STATE_HOME || join(homedir(), ".local", "state");
  return join(state, "webhook-pipeline", "replays");
}

/** Writes down a plan. */
export function startJournal(folder: string, run: ReplayRun, planned: readonly PlannedReplay[]): Journal {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = fileOf(folder, run.replayId);
  const lines = [run, ...planned].map((line) => `${JSON.stringify(line)}\n`).join("");
  // Under another name until it is whole: a plan that breaks off would lose webhooks.
  const handle = openSync(`${file}.part`, "wx", 0o600);
  writeFileSync(handle, `{"planned":${planned.length}}\n${lines}`);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(`${file}.part`, file);
  return journalAt(file, run, planned, new Map());
}

/**
 * Reads the journal of a replay that was interrupted.
 *
 * @param replayId or its beginning
 * @throws NothingMatchedError if there is none on this machine
 */
export function openJournal(folder: string, replayId: string): Journal {
  const found = journalsIn(folder).filter((name) => name.startsWith(replayId));
  const [name, other] = found;
  if (name === undefined || replayId === "") {
    throw new NothingMatchedError(`no replay ${replayId} was begun by this user on this machine`, {
      next: `look into ${folder}`,
    });
  }
  if (other !== undefined)
    throw new CommandError(`several replays begin with ${replayId}: ${found.join(", ")}`);
  const file = fileOf(folder, name);
  const [head = "", first = "", ...rest] = readFileSync(file, "utf8").split("\n");
  const { planned: count } = JSON.parse(head) as { planned: number };
  const run = JSON.parse(first) as ReplayRun;
  const planned = rest.slice(0, count).map((line) => JSON.parse(line) as PlannedReplay);
  const ends = new Map<number, ReplayEnd>();
  for (const line of rest.slice(count)) {
    const written = readEnds(line);
    for (const position of written?.positions ?? []) ends.set(position, written?.end ?? "failed");
  }
  return journalAt(file, run, planned, ends);
}

function journalAt(
  file: string,
  run: ReplayRun,
  planned: readonly PlannedReplay[],
  ends: Map<number, ReplayEnd>,
): Journal {
  return {
    run,
    planned,
    ends,
    write(positions, end) {
      if (positions.length === 0) return;
      for (const position of positions) ends.set(position, end);
      // A line of its own, whatever a process that was killed has left.
      appendFileSync(file, `\n${JSON.stringify({ end, positions })}`);
    },
  };
}

/** Undefined for a line that a killed process did not finish. */
function readEnds(line: string): { readonly end: ReplayEnd; readonly positions: number[] } | undefined {
  try {
    return JSON.parse(line) as { end: ReplayEnd; positions: number[] };
  } catch {
    return undefined;
  }
}

function journalsIn(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((name) => /^(.+)\.ndjson$/.exec(name)?.[1] ?? []);
  } catch {
    return [];
  }
}

const fileOf = (folder: string, replayId: string) => join(folder, `${replayId}.ndjson`);
