import { type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { historySchema as keys } from "../history/schema.js";
import { number, text } from "../history/store.js";

/** Adds to a count that all functions of a stage share, and resolves what it is then. */
export type AddToCount = (
  key: string,
  add: number,
  options: { /** Epoch seconds. */ readonly expiresAt: number; readonly signal: AbortSignal },
) => Promise<number>;

/** Counts in the history's table, not in its indexes. No source's name has an underscore. */
export function countIn(client: DynamoDBClient, table: string): AddToCount {
  return async (key, add, { expiresAt, signal }) => {
    const command = new UpdateItemCommand({
      TableName: table,
      Key: { [keys.hashKey]: text(`_news/${key}`) },
      UpdateExpression: "ADD #count :add SET #expires = :expires",
      ExpressionAttributeNames: { "#count": "count", "#expires": keys.ttl },
      ExpressionAttributeValues: { ":add": number(add), ":expires": number(expiresAt) },
      ReturnValues: "UPDATED_NEW",
    });
    const { Attributes } = await client.send(command, { abortSignal: signal });
    return Number(Attributes?.count?.N ?? add);
  };
}

/** Days for which a count is kept, for people who look. */
const keptSeconds = 86_400;

/**
 * Finds out when something has happened often enough in a window of time, in all functions together. Windows follow each
 * other by the clock. DynamoDB adds one call at a time, so exactly one call takes a count across the threshold: each window
 * is told of once, without a lock. From then on a function does not count until the window ends, so that a flood costs at
 * most `threshold` writes and one for each function.
 *
 * A count may be too high, because the SDK repeats a call whose answer got lost.
 */
export function windowCount({
  name,
  seconds,
  threshold,
  clock,
  addToCount,
}: {
  readonly name: string;
  readonly seconds: number;
  readonly threshold: number;
  /** The current time in epoch milliseconds. */
  readonly clock: () => number;
  readonly addToCount: AddToCount;
}) {
  const known = new Map<string, { start: number; uncounted: number; reached: boolean }>();

  /** Resolves the count if it is this call that reaches the threshold. What cannot be counted is counted with the next. */
  return async (source: string, add: number, signal: AbortSignal): Promise<number | undefined> => {
    const start = Math.floor(clock() / 1000 / seconds) * seconds;
    const last = known.get(source);
    const own = last?.start === start ? last : { start, uncounted: 0, reached: false };
    known.set(source, own);
    if (own.reached) return undefined;
    own.uncounted += add;
    const adding = own.uncounted;
    const count = await addToCount(`${name}/${source}/${start}`, adding, {
      expiresAt: start + seconds + keptSeconds,
      signal,
    });
    own.uncounted = 0;
    own.reached = count >= threshold;
    return own.reached && count - adding < threshold ? count : undefined;
  };
}
