import { printable } from "../../command-line/console.js";
import { durationText, timeText } from "../../command-line/times.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import type { AttemptLog } from "../history/attempt-logs.js";
import { timeOfReplay } from "../replay/replay-id.js";
import type { ReplayNote } from "../replay/replay-notes.js";

/** Something that happened to a webhook. */
export interface TimelineEntry {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: "received" | "replay" | "log" | "ended" | "lease" | "erased";
  readonly what: string;
  /** The try that it belongs to, counted from 1. Absent where that is not known. */
  readonly attempt?: number;
}

/** What happened to a webhook, the oldest first: from its item, from the notes about its replays, and from the functions' logs. */
export function timelineOf(
  item: HistoryItem,
  notes: ReadonlyMap<string, ReplayNote>,
  logs: readonly AttemptLog[],
): TimelineEntry[] {
  const {
    receivedAt,
    status,
    finishedAt,
    handlerMilliseconds,
    reason,
    leaseUntil,
    crashes = 0,
    attempts,
  } = item;
  const entries: TimelineEntry[] = [{ at: receivedAt, kind: "received", what: "received by the gateway" }];
  for (const replayId of item.replayIds ?? []) {
    const note = notes.get(replayId);
    const who = note === undefined ? "" : ` by ${printable(note.by)}`;
    const why = note?.reason === undefined ? "" : `: ${printable(note.reason)}`;
    entries.push({
      at: timeOfReplay(replayId) ?? receivedAt,
      kind: "replay",
      what: `replay ${replayId} asked for${who}${why}`,
    });
  }
  for (const { at, level, message, fields } of logs) {
    const ofAttempt = attemptOf(fields);
    entries.push({
      at,
      kind: "log",
      what: lineText(level, message, fields),
      ...(ofAttempt === undefined ? {} : { attempt: ofAttempt }),
    });
  }
  if (finishedAt !== undefined) {
    const took =
      handlerMilliseconds === undefined ? "" : `, its handler took ${durationText(handlerMilliseconds)}`;
    const why = reason === undefined ? "" : `: ${printable(reason)}`;
    entries.push({
      at: finishedAt,
      kind: "ended",
      attempt: attempts,
      what: `${status} at try ${attempts}${took}${why}`,
    });
  }
  if (status === "processing" && leaseUntil !== undefined) {
    const crashed = crashes === 0 ? "" : `, after the function crashed on it ${crashes} times in a row`;
    entries.push({ at: leaseUntil, kind: "lease", what: `the present try's time is over${crashed}` });
  }
  if (item.forgottenAt !== undefined && item.payload === undefined && item.overflow === undefined) {
    entries.push({
      at: item.forgottenAt,
      kind: "erased",
      what: `its payload was erased by ${printable(item.forgottenBy ?? "somebody")}`,
    });
  }
  return entries.sort((one, other) => one.at - other.at);
}

/** The try that a line of a log says it belongs to. */
export function attemptOf({ attempt }: Readonly<Record<string, unknown>>): number | undefined {
  return typeof attempt === "number" ? attempt : undefined;
}

export function timelineText(entries: readonly TimelineEntry[]): string {
  return entries.map(({ at, what }) => `  ${timeText(at)}  ${what}`).join("\n");
}

/** Fields that stand elsewhere already. */
const known = ["webhook_id", "source", "lambda_request_id", "stack"];

function lineText(level: string, message: string, fields: Readonly<Record<string, unknown>>): string {
  const rest = Object.entries(fields)
    .filter(([name, value]) => !known.includes(name) && value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return printable(["log", level, message, ...rest].join(" "));
}
