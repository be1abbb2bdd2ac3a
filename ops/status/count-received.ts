import { type DynamoDBClient, QueryCommand, type QueryCommandInput } from "@aws-sdk/client-dynamodb";
import { sourceDays } from "../../runtime/history/item.js";
import { historySchema as keys } from "../../runtime/history/schema.js";
import type { TimeWindow } from "../history/time-window.js";
import { inParallel } from "../in-parallel.js";

const queriesAtATime = 16;

/**
 * How many webhooks of each source were received in a window of less than a day, each once. What still waits in a queue is not in
 * the history.
 *
 * @param sources as the history calls them
 */
export async function countReceived(
  client: DynamoDBClient,
  table: string,
  sources: readonly string[],
  window: TimeWindow,
): Promise<ReadonlyMap<string, number>> {
  const partitions = sources.flatMap((source) =>
    [...new Set([...sourceDays(source, window.from), ...sourceDays(source, window.to - 1)])].map(
      (partition) => ({ source, partition }),
    ),
  );
  const counts = await inParallel(partitions, queriesAtATime, ({ partition }) =>
    countIn(client, table, partition, window),
  );
  const total = new Map<string, number>();
  for (const [index, { source }] of partitions.entries()) {
    total.set(source, (total.get(source) ?? 0) + (counts[index] ?? 0));
  }
  return total;
}

async function countIn(
  client: DynamoDBClient,
  table: string,
  partition: string,
  { from, to }: TimeWindow,
): Promise<number> {
  let count = 0;
  let start: QueryCommandInput["ExclusiveStartKey"];
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: keys.bySource.index,
        Select: "COUNT",
        KeyConditionExpression: "#partition = :partition AND #received BETWEEN :from AND :last",
        ExpressionAttributeNames: { "#partition": keys.bySource.hashKey, "#received": keys.receivedAt },
        ExpressionAttributeValues: {
          ":partition": { S: partition },
          ":from": { N: String(from) },
          ":last": { N: String(to - 1) },
        },
        ExclusiveStartKey: start,
      }),
    );
    count += page.Count ?? 0;
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return count;
}
