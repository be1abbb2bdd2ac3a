import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type Cloud, resourcesOfType, UserError } from "local-aws";
import { type HistoryAttributes, type HistoryItem, readHistoryItem } from "../runtime/history/item.js";
import { historySchema } from "../runtime/history/schema.js";
import { loadPayload, type OverflowStore } from "../runtime/payload/overflow.js";
import type { StoredWebhook } from "../runtime/payload/storable.js";
import { environmentVariables } from "../runtime/stage/environment.js";

/** Every webhook in the history table, in no particular order. */
export async function scanHistory(cloud: Cloud, table: unknown): Promise<HistoryItem[]> {
  if (typeof table !== "string")
    throw new UserError("the stack has no output historyTable: export the table's name");
  const items: HistoryItem[] = [];
  let start: unknown;
  do {
    const page = await cloud.dynamoDb.handle("Scan", {
      TableName: table,
      ConsistentRead: true,
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
    });
    // The table also has counts, and what is known of targets. They have no such time.
    const webhooks = ((page.Items ?? []) as WireItem[]).filter((item) => historySchema.receivedAt in item);
    items.push(...webhooks.map((item) => readHistoryItem(withBytes(item))));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}

/**
 * The webhook that an item of the history keeps, read from the overflow bucket if it is there. Undefined if the item
 * keeps nothing.
 *
 * @throws OverflowError if the object is not the one that was stored
 */
export function payloadOf(cloud: Cloud, item: HistoryItem): Promise<StoredWebhook | undefined> {
  return loadPayload(item, overflowStore(cloud), (webhookId) => itemById(cloud, webhookId));
}

/** One item of the history. */
async function itemById({ dynamoDb, graph }: Cloud, webhookId: string): Promise<HistoryItem | undefined> {
  const { Item } = await dynamoDb.handle("GetItem", {
    TableName: graph.outputs.historyTable,
    Key: { [historySchema.hashKey]: { S: webhookId } },
    ConsistentRead: true,
  });
  return Item === undefined ? undefined : readHistoryItem(withBytes(Item as WireItem));
}

/** The bucket that the functions' environment names. */
function overflowStore({ graph, s3 }: Cloud): Pick<OverflowStore, "get"> | undefined {
  const Bucket = resourcesOfType(graph, "aws:lambda/function:Function")
    .map(({ inputs }) => inputs as { environment?: { variables?: Record<string, string> } })
    .map(({ environment }) => environment?.variables?.[environmentVariables.overflowBucket])
    .find((name) => name !== undefined);
  if (Bucket === undefined) return undefined;
  return {
    async get(Key) {
      return s3.bytesOf(Bucket, Key);
    },
  };
}

/** An item as DynamoDB sends it: binary values are base64, which the SDK would decode. */
type WireItem = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function withBytes(item: WireItem): HistoryAttributes {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      typeof value.B === "string"
        ? { B: Buffer.from(value.B, "base64") }
        : (value as unknown as AttributeValue),
    ]),
  );
}
