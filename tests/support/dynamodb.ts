import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { listenOnLoopback } from "local-aws";
import { afterAll } from "vitest";
import { createHistoryTable } from "../../bench/handler/emulator/emulator.js";
import { type HistoryItem, readHistoryItem } from "../../runtime/history/item.js";
import { historySchema as keys } from "../../runtime/history/schema.js";

/** A history table on this machine. */
export interface LocalHistoryTable {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  readonly table: string;
  /** An item's attributes as they are stored. */
  attributes(webhookId: string): Promise<Record<string, AttributeValue> | undefined>;
  item(webhookId: string): Promise<HistoryItem | undefined>;
  /** Ids that stand under a hash key of an index. */
  listed(index: "by_source" | "by_attention", hashKeys: readonly string[]): Promise<string[]>;
  put(attributes: Record<string, AttributeValue>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts an emulator with an empty history table on a free port of this machine. */
export async function startHistoryTable(): Promise<LocalHistoryTable> {
  const server = dynalite({ createTableMs: 0 });
  const { origin: endpoint, close } = await listenOnLoopback(server);

  const table = "history";
  const client = new DynamoDBClient({
    endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  await createHistoryTable({ client }, table);

  const attributes: LocalHistoryTable["attributes"] = async (webhookId) => {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: { [keys.hashKey]: { S: webhookId } },
        ConsistentRead: true,
      }),
    );
    return Item;
  };

  return {
    endpoint,
    client,
    table,
    attributes,
    async item(webhookId) {
      const found = await attributes(webhookId);
      return found === undefined ? undefined : readHistoryItem(found);
    },
    async listed(index, hashKeys) {
      const hashKey = index === keys.bySource.index ? keys.bySource.hashKey : keys.byAttention.hashKey;
      const ids: string[] = [];
      for (const value of hashKeys) {
        const { Items = [] } = await client.send(
          new QueryCommand({
            TableName: table,
            IndexName: index,
            KeyConditionExpression: "#hash = :hash",
            ExpressionAttributeNames: { "#hash": hashKey },
            ExpressionAttributeValues: { ":hash": { S: value } },
          }),
        );
        ids.push(...Items.map((item) => item[keys.hashKey]?.S ?? ""));
      }
      return ids;
    },
    async put(item) {
      await client.send(new PutItemCommand({ TableName: table, Item: item }));
    },
    async stop() {
      client.destroy();
      await close();
    },
  };
}

/** A table that all tests of a file share: for `await` at its top, gone after its last test. */
export async function sharedHistoryTable(): Promise<LocalHistoryTable> {
  const database = await startHistoryTable();
  afterAll(() => database.stop());
  return database;
}
