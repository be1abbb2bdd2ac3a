import type { HistoryItem, HistoryStatus } from "../../runtime/history/item.js";
import { newestFirst } from "../history/newest-first.js";
import type { HistoryReader } from "../history/read-history.js";
import type { TimeWindow } from "../history/time-window.js";

/** Webhooks that need attention for the same reason. */
export interface FailureGroup {
  readonly status: HistoryStatus;
  /** As the history calls the source or subscriber. */
  readonly source: string;
  /** The newest one's. */
  readonly reason: string;
  readonly count: number;
  /** When the first and the last of them was received, in epoch milliseconds. */
  readonly first: number;
  readonly last: number;
  /** When one of them last ended, in epoch milliseconds. */
  readonly lastEnd: number;
  /** The id of the newest. */
  readonly example: string;
}

/** The states that the index of webhooks in need of attention has. */
const needingAttention: readonly HistoryStatus[] = [
  "failed",
  "processing",
  "rejected",
  "invalid",
  "unreadable",
];

/** What is looked at. A flood of forged webhooks must not make every look cost as much. */
const mostItems = 1_000;
const itemsAtOnce = 100;

/** The webhooks of a window that need attention, the newest first, at most {@link mostItems}. */
export async function readFailures(
  reader: HistoryReader,
  window: TimeWindow,
  statuses: readonly HistoryStatus[] = needingAttention,
): Promise<{ readonly items: readonly HistoryItem[]; readonly isCut: boolean }> {
  const ids: string[] = [];
  let isCut = false;
  for await (const { webhookId } of newestFirst(
    statuses.map((status) => reader.byAttention(status, window)),
  )) {
    if (ids.length === mostItems) {
      isCut = true;
      break;
    }
    ids.push(webhookId);
  }
  const items: HistoryItem[] = [];
  for (let start = 0; start < ids.length; start += itemsAtOnce) {
    items.push(...(await reader.getAll(ids.slice(start, start + itemsAtOnce))));
  }
  // The index follows the table after a moment, so the items decide. What was rejected and then accepted is settled.
  return {
    items: items.filter(({ status, acceptedAs }) => statuses.includes(status) && acceptedAs === undefined),
    isCut,
  };
}

/** Groups webhooks by source, state and reason, the largest group first. Numbers in reasons tell no groups apart. */
export function groupFailures(items: readonly HistoryItem[]): FailureGroup[] {
  const alike = Map.groupBy(items, ({ status, source, reason = "" }) =>
    JSON.stringify([status, source, reason.replace(/\d+/g, "0")]),
  );
  return [...alike.values()]
    .flatMap((group) => {
      const [newest] = group.toSorted((left, right) => right.receivedAt - left.receivedAt);
      if (newest === undefined) return [];
      const times = group.map(({ receivedAt }) => receivedAt);
      const { status, source, reason = reasonless(newest) } = newest;
      return [
        {
          status,
          source,
          reason,
          count: group.length,
          first: Math.min(...times),
          last: Math.max(...times),
          lastEnd: Math.max(...group.map(({ finishedAt = 0 }) => finishedAt)),
          example: newest.webhookId,
        },
      ];
    })
    .toSorted((left, right) => right.count - left.count || right.last - left.last);
}

function reasonless({ status, crashes = 0 }: HistoryItem): string {
  if (status === "processing")
    return crashes > 0 ? "its function ended while it was handled" : "is handled again";
  return "no reason is known";
}
