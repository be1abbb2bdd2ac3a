import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type HistoryAttributes, type HistoryItem, readHistoryItem } from "../runtime/history-item.js";
import type { Cloud } from "./cloud/cloud.js";
import { UserError } from "./user-error.js";

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
    items.push(...((page.Items ?? []) as WireItem[]).map((item) => readHistoryItem(withBytes(item))));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}

/** An item as DynamoDB sends it: binaries are base64, which the SDK would have decoded. */
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
