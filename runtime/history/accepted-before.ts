import { type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { encodeEnvelope } from "../envelope/envelope.js";
import { loadPayload, type OverflowStore } from "../payload/overflow.js";
import type { StoredWebhook } from "../payload/storable.js";
import { type HistoryItem, readHistoryItem } from "./item.js";
import { historySchema } from "./schema.js";

/** Reads an item of the history as it stands. */
export type Recall = (webhookId: string) => Promise<HistoryItem | undefined>;

/** Recalls from the table; the read is a consistent one. */
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
 * Whether a replay is of a webhook that was found genuine when it came. Its signature may not be checkable any more: the
 * history keeps neither credentials nor what a source redacts, and secrets are replaced in time.
 *
 * An item stands under an event's own id only since a webhook of it was accepted. The replay must be what that item keeps,
 * to the last byte: whoever can write to the queue could say that anything is a replay.
 */
export async function acceptedBefore(
  webhookId: string,
  stored: StoredWebhook,
  {
    recall,
    overflow,
  }: { readonly recall: Recall; readonly overflow?: Pick<OverflowStore, "get"> | undefined },
): Promise<boolean> {
  const item = await recall(webhookId);
  const known = item === undefined ? undefined : await loadPayload(item, overflow);
  return known !== undefined && encodeEnvelope(known) === encodeEnvelope(stored);
}
