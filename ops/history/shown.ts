import { printable } from "../../command-line/console.js";
import type { Style } from "../../command-line/style.js";
import { timeText } from "../../command-line/times.js";
import type { HistoryItem, HistoryStatus } from "../../runtime/history/item.js";
import { outcomes } from "../../runtime/history/outcome.js";
import type { StageOutputs } from "../stage/outputs.js";
import { shownSource } from "../stage/takers.js";

/** A webhook of the history as JSON. Times are ISO 8601 in UTC. */
export function asJson(item: HistoryItem, outputs: StageOutputs) {
  const { webhookId, eventId, requestId, status, attempts, crashes, reason, acceptedAs } = item;
  const time = (milliseconds: number | undefined) =>
    milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
  return {
    id: webhookId,
    source: shownSource(outputs, item.source),
    eventId,
    requestId,
    receivedAt: time(item.receivedAt),
    outcome: status,
    reason,
    attempts,
    crashes,
    finishedAt: time(item.finishedAt),
    handlerMilliseconds: item.handlerMilliseconds,
    replays: item.replayIds?.length ?? 0,
    acceptedAs,
  };
}

/** Columns of {@link cells}. */
export const columns = ["RECEIVED", "SOURCE", "OUTCOME", "TRIES", "ID", "REASON"] as const;

/** A webhook of the history as a row. */
export function cells(item: HistoryItem, outputs: StageOutputs, style: Style): string[] {
  return [
    timeText(item.receivedAt),
    shownSource(outputs, item.source),
    styledStatus(item.status, style),
    String(item.attempts),
    printable(item.webhookId),
    shortReason(item.reason),
  ];
}

/** An outcome in the colour of how well it is. */
export function styledStatus(status: HistoryStatus, style: Style): string {
  if (status === "processing") return style.warning(status);
  if (status === "ignored") return style.dim(status);
  return outcomes[status].attention ? style.bad(status) : style.good(status);
}

/** Longest reason in a row, in characters. `show` has the whole. */
const longestReason = 80;

function shortReason(reason = ""): string {
  const text = printable(reason);
  return text.length <= longestReason ? text : `${text.slice(0, longestReason - 1)}…`;
}
