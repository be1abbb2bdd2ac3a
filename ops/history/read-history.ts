import {
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import {
  attentionKeys,
  type HistoryItem,
  type HistoryStatus,
  readHistoryItem,
  sourceDays,
} from "../../runtime/history/item.js";
import { historySchema as keys } from "../../runtime/history/schema.js";
import { atMost } from "../at-most.js";
import { inAdvance } from "./in-advance.js";
import { type IndexEntry, newestFirst } from "./newest-first.js";
import type { TimeWindow } from "./time-window.js";

/** Reads the history of a stage. */
export interface HistoryReader {
  /** The webhooks of a source in a span of time, the newest first. */
  bySource(source: string, window: TimeWindow): AsyncIterable<IndexEntry>;
  /** The webhooks in a state that needs attention, the newest first. */
  byAttention(status: HistoryStatus, window: TimeWindow): AsyncIterable<IndexEntry>;
  /** One item as it is now, or undefined if there is none. */
  get(webhookId: string): Promise<HistoryItem | undefined>;
  /** Items, in the order of their ids. What is gone in the meantime is left out. */
  getAll(webhookIds: readonly string[]): Promise<HistoryItem[]>;
}

/** Most keys of one BatchGetItem (its API reference). */
const keysInOneBatch = 100;

/** Days that are asked for before they are read. Each is a query for each of its shards. */
const daysInAdvance = 8;
/** The SDK has 50 connections, and complains of what waits for one. */
const queriesAtATime = 32;

export function historyReader(client: DynamoDBClient, table: string): HistoryReader {
  const inTurn = atMost(queriesAtATime);
  const query = async function* (
    index: { readonly index: string; readonly hashKey: string },
    partition: string,
    { from, to }: TimeWindow,
  ): AsyncGenerator<IndexEntry> {
    let start: QueryCommandInput["ExclusiveStartKey"];
    do {
      const command = new QueryCommand({
        TableName: table,
        IndexName: index.index,
        KeyConditionExpression: "#partition = :partition AND #received BETWEEN :from AND :last",
        ExpressionAttributeNames: { "#partition": index.hashKey, "#received": keys.receivedAt },
        ExpressionAttributeValues: {
          ":partition": { S: partition },
          ":from": { N: String(from) },
          ":last": { N: String(to - 1) },
        },
        ScanIndexForward: false,
        ExclusiveStartKey: start,
      });
      const page = await inTurn(() => client.send(command));
      for (const item of page.Items ?? []) {
        yield {
          webhookId: item[keys.hashKey]?.S ?? "",
          receivedAt: Number(item[keys.receivedAt]?.N ?? 0),
        };
      }
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  };

  return {
    bySource: (source, window) =>
      // Each day has partitions of its own, and nobody may read further than the first page.
      inAdvance(daysOf(window), daysInAdvance, (day) =>
        newestFirst(sourceDays(source, day).map((partition) => query(keys.bySource, partition, window))),
      ),

    byAttention: (status, window) =>
      newestFirst(attentionKeys(status).map((partition) => query(keys.byAttention, partition, window))),

    async get(webhookId) {
      const { Item } = await client.send(
        new GetItemCommand({
          TableName: table,
          Key: { [keys.hashKey]: { S: webhookId } },
          ConsistentRead: true,
        }),
      );
      return Item === undefined ? undefined : readHistoryItem(Item);
    },

    async getAll(webhookIds) {
      const found = new Map<string, HistoryItem>();
      for (let start = 0; start < webhookIds.length; start += keysInOneBatch) {
        let left: Record<string, { readonly S: string }>[] = webhookIds
          .slice(start, start + keysInOneBatch)
          .map((id) => ({ [keys.hashKey]: { S: id } }));
        while (left.length > 0) {
          const { Responses, UnprocessedKeys } = await client.send(
            new BatchGetItemCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead: true } } }),
          );
          for (const item of (Responses?.[table] ?? []).map(readHistoryItem)) found.set(item.webhookId, item);
          // At most 16 MB are answered at once; the rest is asked for again.
          left = (UnprocessedKeys?.[table]?.Keys ?? []) as typeof left;
        }
      }
      return webhookIds.flatMap((id) => found.get(id) ?? []);
    },
  };
}

const dayMilliseconds = 86_400_000;

/** A moment of each day (UTC) of a span of time, the newest first. */
function daysOf({ from, to }: TimeWindow): number[] {
  const first = Math.floor(from / dayMilliseconds);
  const last = Math.floor((to - 1) / dayMilliseconds);
  return Array.from({ length: last - first + 1 }, (_, index) => (last - index) * dayMilliseconds);
}
