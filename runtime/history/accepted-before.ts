import { type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { encodeEnvelope } from "../envelope/envelope.js";
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
