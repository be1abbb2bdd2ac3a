import { z } from "zod";
import { UsageError } from "../../command-line/command-error.js";
import { choose } from "../../ops/history/choose.js";
import { openHistory } from "../../ops/history/open-history.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import type { ListPage, ListRequest } from "../contract.js";
import type { Inspected } from "../inspected.js";
import { choiceOf } from "./choice.js";
import { rowsOf } from "./rows.js";

const usualRows = 100;

/** Where a page ended: what the next one begins with. */
const pageEnd = z.strictObject({
  from: z.number(),
  to: z.number(),
  /** Webhooks that were received in the last millisecond, and are on the page already. */
  shown: z.array(z.string()),
});

/** A page of the webhooks that `ops list` shows for the filter. */
export async function list(
  { stage, feed }: Inspected,
  { filter, limit = usualRows, older }: ListRequest,
  signal: AbortSignal,
): Promise<ListPage> {
  const { reader, payloadOf } = await openHistory(stage, { tell() {} });
  const choice = choiceOf(filter, stage.outputs, Date.now());
  const before = older === undefined ? undefined : readPageEnd(older);
  // Taken before the history is read: what changes in between comes by the stream as well, and is not lost.
  const cursor = before === undefined ? await feed.cursor() : undefined;
  const window = before ?? choice.window;
  const items: HistoryItem[] = [];
  let isCut = false;
  for await (const item of choose(reader, { ...choice, window }, payloadOf)) {
    signal.throwIfAborted();
    if (before?.shown.includes(item.webhookId)) continue;
    if (items.length === limit) {
      isCut = true;
      break;
    }
    items.push(item);
  }
  feed.know(items);
  return {
    rows: await rowsOf(items, stage, reader),
    from: window.from,
    to: window.to,
    ...(isCut ? { older: writePageEnd(window.from, items, before?.shown ?? []) } : {}),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

function writePageEnd(from: number, items: readonly HistoryItem[], shownBefore: readonly string[]): string {
  const last = items.at(-1)?.receivedAt ?? from;
  const shown = items.filter(({ receivedAt }) => receivedAt === last).map(({ webhookId }) => webhookId);
  // More webhooks than fit on a page can have come in the same millisecond.
  const goesOn = items[0]?.receivedAt === last ? shownBefore : [];
  const end = { from, to: last + 1, shown: [...goesOn, ...shown] };
  return Buffer.from(JSON.stringify(end)).toString("base64url");
}

function readPageEnd(text: string): z.output<typeof pageEnd> {
  try {
    return pageEnd.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  } catch {
    throw new UsageError("older is not what a page ended with: read the list from its beginning");
  }
}
