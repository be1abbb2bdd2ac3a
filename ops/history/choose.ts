import { UsageError } from "../../command-line/command-error.js";
import type { Locator } from "../../runtime/envelope/locator.js";
import { RequestValues } from "../../runtime/envelope/values.js";
import type { HistoryItem, HistoryStatus } from "../../runtime/history/item.js";
import { type Outcome, outcomes } from "../../runtime/history/outcome.js";
import type { StoredWebhook } from "../../runtime/payload/storable.js";
import { type FindType, fitsTypes, hasText } from "./contents.js";
import { newestFirst } from "./newest-first.js";
import type { HistoryReader } from "./read-history.js";
import type { TimeWindow } from "./time-window.js";

/** Which webhooks of the history are meant. */
export interface Choice {
  readonly window: TimeWindow;
  /** Names of sources. */
  readonly sources: readonly string[];
  /** Default: any. */
  readonly statuses?: readonly HistoryStatus[] | undefined;
  /** Values that the webhook must have, all of them. */
  readonly where?: readonly Condition[];
  /** Types of events, one of which it must have. `*` stands for any characters. */
  readonly types?: { readonly patterns: readonly string[]; readonly typeOf: FindType };
  /** Texts that its ids, its reason or its body must contain, all of them, in any case of letters. */
  readonly text?: readonly string[];
}

/** A value that a webhook must have at a place. */
export interface Condition {
  readonly place: Locator;
  readonly value: string;
}

/** All states of a webhook that a person can ask for. */
export const statuses: readonly HistoryStatus[] = [
  "processing",
  ...(Object.keys(outcomes) as Outcome[]).filter(
    (outcome): outcome is Exclude<HistoryStatus, "processing"> =>
      outcome !== "duplicate" && outcome !== "untried",
  ),
];

/** States for which the table has an index. */
const inAttention: ReadonlySet<HistoryStatus> = new Set(
  statuses.filter((status) => status !== "processing" && outcomes[status].attention),
);

/**
 * Reads `json:order.id=123`.
 *
 * @throws UsageError for a text of another form
 */
export function parseCondition(text: string): Condition {
  const [, place, value] = /^((?:header|query|json|form):[^=]+)=(.*)$/s.exec(text) ?? [];
  if (place === undefined || value === undefined) {
    throw new UsageError(
      `--where must be a place and a value, such as json:order.id=123, header:x-shop=eu, query:tenant=7 or form:token=abc; got "${text}"`,
    );
  }
  return { place: place as Locator, value };
}

/** How many items are read at once. */
const itemsAtOnce = 100;

/**
 * The chosen webhooks, the newest first.
 *
 * @param payloadOf reads what an item keeps; needed for `where`, `types` and `text`
 */
export async function* choose(
  reader: HistoryReader,
  choice: Choice,
  payloadOf: (item: HistoryItem) => Promise<StoredWebhook | undefined>,
): AsyncGenerator<HistoryItem> {
  const { window, sources, statuses: wanted } = choice;
  // Few webhooks need attention, so their index is the shorter way to them. A webhook that is being handled for the first time is not in it.
  const entries = wanted?.every((status) => inAttention.has(status))
    ? newestFirst(wanted.map((status) => reader.byAttention(status, window)))
    : newestFirst(sources.map((source) => reader.bySource(source, window)));

  for await (const batch of inBatches(entries, itemsAtOnce)) {
    // The indexes follow the table after a moment, so the items decide.
    for (const item of await reader.getAll(batch.map(({ webhookId }) => webhookId))) {
      if (await isChosen(item, choice, payloadOf)) yield item;
    }
  }
}

/** Whether an item is one of the chosen ones, wherever it was found. */
export async function isChosen(
  item: HistoryItem,
  { sources, statuses: wanted, where = [], types, text = [] }: Omit<Choice, "window">,
  payloadOf: (item: HistoryItem) => Promise<StoredWebhook | undefined>,
): Promise<boolean> {
  if (!sources.includes(item.source)) return false;
  if (wanted !== undefined && !wanted.includes(item.status)) return false;
  if (where.length === 0 && types === undefined && text.length === 0) return true;
  const webhook = await payloadOf(item);
  if (!hasText(item, webhook, text)) return false;
  if (webhook === undefined) return where.length === 0 && types === undefined;
  return (
    (types === undefined || fitsTypes(types.typeOf(item, webhook), types.patterns)) && hasAll(webhook, where)
  );
}

async function* inBatches<Value>(values: AsyncIterable<Value>, size: number): AsyncGenerator<Value[]> {
  let batch: Value[] = [];
  for await (const value of values) {
    batch.push(value);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function hasAll(webhook: StoredWebhook, where: readonly Condition[]): boolean {
  const values = new RequestValues(webhook);
  return where.every(({ place, value }) => values.at(place).includes(value));
}
