import { UsageError } from "../../command-line/command-error.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import type { StageOutputs } from "../stage/outputs.js";
import { takerOf } from "../stage/takers.js";

/** A webhook that is to be replayed. */
export interface PlannedReplay {
  /** Id of the source's webhook. */
  readonly webhookId: string;
  /** Present name of the source. */
  readonly source: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** The only subscriber that it is for, by its present name. */
  readonly replayFor?: string;
  /** Why it cannot be replayed. Absent: it can, as far as the table tells. */
  readonly lacks?: string;
}

/**
 * Plans a replay of these items, the oldest first, so that handlers meet them in the order in which they came.
 *
 * A subscriber's item stands for the webhook of its source, for that subscriber alone; unless the webhook is replayed as a whole.
 *
 * @param subscriber the only subscriber that the replay is for, if the person has named one
 * @param itemOf reads the source's item for a subscriber's
 * @throws UsageError if a source does not have the subscriber
 */
export async function planReplay(
  items: AsyncIterable<HistoryItem> | Iterable<HistoryItem>,
  {
    outputs,
    subscriber,
    itemsOf,
  }: {
    readonly outputs: StageOutputs;
    readonly subscriber: string | undefined;
    readonly itemsOf: (webhookIds: readonly string[]) => Promise<readonly HistoryItem[]>;
  },
): Promise<PlannedReplay[]> {
  const planned = new Map<string, PlannedReplay>();
  const ofSubscribers = new Map<string, { readonly sourceItem: string; readonly plan: PlannedReplay }>();
  const wholes = new Set<string>();
  for await (const item of items) {
    const taker = takerOf(outputs, item.source);
    const source = taker?.source ?? item.source;
    const { receivedAt } = item;
    if (item.payloadOf !== undefined || taker?.subscriber !== undefined) {
      const webhookId = item.payloadOf ?? item.webhookId;
      const replayFor = taker?.subscriber;
      const plan: PlannedReplay = {
        webhookId,
        source,
        receivedAt,
        ...(replayFor === undefined
          ? { lacks: `the stage has no subscriber ${item.source}` }
          : { replayFor }),
      };
      ofSubscribers.set(`${webhookId} ${replayFor}`, { sourceItem: webhookId, plan });
      continue;
    }
    if (subscriber !== undefined && !hasSubscriber(outputs, source, subscriber)) {
      throw new UsageError(
        `--subscriber: the source ${source} of ${item.webhookId} has no subscriber "${subscriber}"`,
      );
    }
    const lacks = lackOf(item);
    wholes.add(item.webhookId);
    planned.set(item.webhookId, {
      webhookId: item.webhookId,
      source,
      receivedAt,
      ...(subscriber === undefined ? {} : { replayFor: subscriber }),
      ...(lacks === undefined ? {} : { lacks }),
    });
  }
  const parts = [...ofSubscribers.entries()].filter(([, { sourceItem }]) => !wholes.has(sourceItem));
  const sourceItems = new Map(
    (await itemsOf([...new Set(parts.map(([, { sourceItem }]) => sourceItem))])).map((item) => [
      item.webhookId,
      item,
    ]),
  );
  for (const [key, { sourceItem, plan }] of parts) {
    const item = sourceItems.get(sourceItem);
    const lacks = plan.lacks ?? (item === undefined ? "the webhook of its source is gone" : lackOf(item));
    planned.set(key, { ...plan, ...(lacks === undefined ? {} : { lacks }) });
  }
  return [...planned.values()].sort((one, other) => one.receivedAt - other.receivedAt);
}

/** Why an item cannot be replayed, as far as the table tells. */
export function lackOf(item: HistoryItem): string | undefined {
  if (item.acceptedAs !== undefined) return `it was accepted as ${item.acceptedAs} already`;
  if (item.payload !== undefined || item.overflow !== undefined) return undefined;
  if (item.forgottenAt !== undefined) {
    return `its payload was erased at ${new Date(item.forgottenAt).toISOString()}`;
  }
  if (item.omittedBody?.start !== undefined) return "its payload was too large to be kept (history.overflow)";
  if (item.omittedBody !== undefined) return "its payload is not kept (history.keepPayload)";
  return item.status === "processing" ? "it is being handled for the first time" : "its payload is not kept";
}

function hasSubscriber(outputs: StageOutputs, source: string, subscriber: string): boolean {
  return Object.hasOwn(outputs.operations.sources[source]?.subscribers ?? {}, subscriber);
}
