import { CommandError, NothingMatchedError } from "../../command-line/command-error.js";
import { printable } from "../../command-line/console.js";
import { exitCodes } from "../../command-line/exit-code.js";
import { webhookIdOf } from "../../runtime/history/event-id.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import { unreadableSource } from "../../runtime/payload/unreadable.js";
import type { StageOutputs } from "../stage/outputs.js";
import { takersOf } from "../stage/takers.js";
import { windowText } from "./choice-options.js";
import { newestFirst } from "./newest-first.js";
import type { HistoryReader } from "./read-history.js";
import type { TimeWindow } from "./time-window.js";

/** Where a webhook is looked for. */
export interface Lookup {
  readonly reader: HistoryReader;
  readonly outputs: StageOutputs;
  /** For what is not an id of the table: the beginning of one, or the id that the sender was answered. */
  readonly window: TimeWindow;
  /** Asks the functions' logs which webhook a request was. Undefined if they do not know, or cannot be read. */
  readonly webhookOfRequest: (requestId: string) => Promise<string | undefined>;
}

/** Most matches that are named. */
const mostNamed = 10;

/** How many items are read at once. */
const itemsAtOnce = 100;

/**
 * Finds a webhook by what a person has of it: its id, the event's id, the id that the sender was answered, or the beginning of one
 * of the first two.
 *
 * @throws NothingMatchedError that says where was looked
 * @throws CommandError that lists the webhooks, if there are several
 */
export async function findWebhook(id: string, lookup: Lookup): Promise<HistoryItem> {
  const { reader, outputs, window } = lookup;
  const takers = takersOf(outputs);
  const sources = takers.flatMap(({ subscriber, rememberedAs }) =>
    subscriber === undefined ? rememberedAs : [],
  );
  const exact = await reader.getAll([...new Set([id, ...sources.map((source) => webhookIdOf(source, id))])]);
  if (exact.length > 0) return onlyOne(id, exact);

  const begun = await inWindow(id, sources, lookup);
  if (begun.length > 0) return onlyOne(id, begun);

  const logged = await lookup.webhookOfRequest(id);
  const item = logged === undefined ? undefined : await reader.get(logged);
  if (item !== undefined) return item;
  throw new NothingMatchedError(
    `no webhook is ${printable(id)}, or begins so, received ${windowText(window)}`,
    {
      next: "an older one by its whole id, or with --since 7d",
    },
  );
}

async function inWindow(
  id: string,
  sources: readonly string[],
  { reader, window }: Lookup,
): Promise<HistoryItem[]> {
  const entries = newestFirst(
    [...sources, unreadableSource].map((source) => reader.bySource(source, window)),
  );
  const begun = new Set<string>();
  const found = new Map<string, HistoryItem>();
  let batch: string[] = [];
  // Only the items know the requests' ids, the index knows the webhooks'.
  const readBatch = async () => {
    for (const item of await reader.getAll(batch)) {
      if (item.requestId === id || begun.has(item.webhookId)) found.set(item.webhookId, item);
    }
    batch = [];
  };
  for await (const { webhookId } of entries) {
    const eventId = webhookId.slice(webhookId.indexOf("/") + 1);
    if (webhookId.startsWith(id) || eventId.startsWith(id)) begun.add(webhookId);
    batch.push(webhookId);
    if (batch.length >= itemsAtOnce) await readBatch();
    if (begun.size > mostNamed) break;
  }
  await readBatch();
  const items = [...found.values()];
  const byRequest = items.filter(({ requestId }) => requestId === id);
  return byRequest.length > 0 ? byRequest : items;
}

function onlyOne(id: string, items: readonly HistoryItem[]): HistoryItem {
  const [first, other] = items;
  if (first !== undefined && other === undefined) return first;
  const named = items.slice(0, mostNamed).map(({ webhookId }) => `  ${printable(webhookId)}`);
  const rest = items.length > mostNamed ? ["  …"] : [];
  throw new CommandError([`several webhooks are meant by ${printable(id)}:`, ...named, ...rest].join("\n"), {
    exitCode: exitCodes.wrongUsage,
    next: "one of these ids",
  });
}
