import { UsageError } from "../../command-line/command-error.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import type { PayloadReader } from "../history/payload-reader.js";
import { signaturePlaces } from "../show/signature-places.js";
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
  /** What its stored copy lacks, and the replay too: `json:…`, or `body` for the whole body. Of a rejected one also its credential. */
  readonly redacted?: readonly string[];
  /** It was rejected, and without what is redacted no check of its signature can succeed. */
  readonly isUnprovable?: true;
}

/**
 * Plans a replay of these items, the oldest first, so that handlers meet them in the order in which they came.
 *
 * A subscriber's item stands for the webhook of its source, for that subscriber alone; unless the webhook is replayed as a whole.
 *
 * @param subscriber the only subscriber that the replay is for, if the person has named one
 * @param itemsOf reads the sources' items for subscribers'
 * @param payloadOf reads what an item keeps. Only what is in the table is read, so that a plan downloads no large bodies
 * @throws UsageError if a source does not have the subscriber
 */
export async function planReplay(
  items: AsyncIterable<HistoryItem> | Iterable<HistoryItem>,
  {
    outputs,
    subscriber,
    itemsOf,
    payloadOf,
  }: {
    readonly outputs: StageOutputs;
    readonly subscriber: string | undefined;
    readonly itemsOf: (webhookIds: readonly string[]) => Promise<readonly HistoryItem[]>;
    readonly payloadOf: PayloadReader;
  },
): Promise<PlannedReplay[]> {
  const stateOf = async (item: HistoryItem): Promise<Pick<PlannedReplay, "lacks" | "redacted">> => {
    const lacks = lackOf(item);
    if (lacks !== undefined) return { lacks };
    return item.payload === undefined ? {} : redactedOf(item, outputs, payloadOf);
  };
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
    wholes.add(item.webhookId);
    planned.set(item.webhookId, {
      webhookId: item.webhookId,
      source,
      receivedAt,
      ...(subscriber === undefined ? {} : { replayFor: subscriber }),
      ...(await stateOf(item)),
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
    const state = item === undefined ? { lacks: "the webhook of its source is gone" } : await stateOf(item);
    planned.set(key, { ...state, ...plan });
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

/** What of a webhook the history must not keep, and that its function, or its signature's check, would need. */
async function redactedOf(
  item: HistoryItem,
  outputs: StageOutputs,
  payloadOf: PayloadReader,
): Promise<Pick<PlannedReplay, "redacted" | "isUnprovable">> {
  const missing = (await payloadOf(item))?.redacted ?? [];
  const isRejected = item.status === "rejected";
  const source = outputs.operations.sources[takerOf(outputs, item.source)?.source ?? ""];
  const credentials: readonly string[] =
    isRejected && source !== undefined ? signaturePlaces(source.signature) : [];
  const redacted = missing.filter((place) => !/^(header|query):/.test(place) || credentials.includes(place));
  if (redacted.length === 0) return {};
  return { redacted, ...(isRejected ? { isUnprovable: true } : {}) };
}

function hasSubscriber(outputs: StageOutputs, source: string, subscriber: string): boolean {
  return Object.hasOwn(outputs.operations.sources[source]?.subscribers ?? {}, subscriber);
}
