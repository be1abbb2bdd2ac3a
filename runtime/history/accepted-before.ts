import { type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { type Envelope, encodeEnvelope } from "../envelope/envelope.js";
import { loadPayload, type OverflowStore } from "../payload/overflow.js";
import type { StoredWebhook } from "../payload/storable.js";
import { type HistoryItem, readHistoryItem } from "./item.js";
import { historySchema } from "./schema.js";

/** Reads the current item of the history. */
export type Recall = (webhookId: string) => Promise<HistoryItem | undefined>;

/** Reads from the table, with a consistent read. */
export function recallFrom(client: DynamoDBClient, table: string): Recall {
  return async (webhookId) => {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: { [historySchema.hashKey]: { S: webhookId } },
        ConsistentRead: true,
      }),
    );
    return Item === undefined ? undefined : readHistoryItem(Item);
  };
}

/**
 * Whether a replay is of a webhook that was found genuine when it arrived. Its signature may no longer be checkable:
 * the history keeps neither credentials nor what a source redacts, and secrets are replaced over time.
 *
 * An event's own id has an item only after a webhook of the event was accepted. The replay must equal what that item
 * keeps, to the last byte, because anybody who can write to the queue could claim that a message is a replay.
 *
 * @param replayed the replay without its mark: what the item kept when the replay was made
 * @param stored what the history keeps of the replay. If its source redacts more by now, that is less, and so is what the
 *   item keeps from the replay's first try on
 */
export async function acceptedBefore(
  webhookId: string,
  { replayed, stored }: { readonly replayed: Envelope; readonly stored: StoredWebhook },
  {
    recall,
    overflow,
  }: { readonly recall: Recall; readonly overflow?: Pick<OverflowStore, "get"> | undefined },
): Promise<boolean> {
  const item = await recall(webhookId);
  const known = item === undefined ? undefined : await loadPayload(item, overflow, recall);
  if (known === undefined) return false;
  const text = encodeEnvelope(known);
  return text === encodeEnvelope(replayed) || text === encodeEnvelope(stored);
}
