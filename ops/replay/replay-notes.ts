import { BatchGetItemCommand, type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { historySchema as keys } from "../../runtime/history/schema.js";

/** Who asked for a replay, and why. */
export interface ReplayNote {
  readonly by: string;
  readonly reason?: string;
  /** How many webhooks were asked for. */
  readonly count: number;
}

/**
 * The notes about replays, one item of the history's table for each replay. Items keep the ids of their replays, so each attempt
 * leads to its note, and no write of a webhook pays for it.
 */
export interface ReplayNotes {
  /** @param expiresAt epoch seconds until which the history remembers the replayed webhooks at least */
  write(replayId: string, note: ReplayNote, expiresAt: number): Promise<void>;
  read(replayIds: readonly string[]): Promise<ReadonlyMap<string, ReplayNote>>;
}

/** Prefix of the keys. No webhook's key starts like this: no source's name has an underscore. */
const prefix = "_replay/";
const attributes = { by: "by", reason: "reason", count: "webhooks" } as const;

export function replayNotes(client: DynamoDBClient, table: string): ReplayNotes {
  const keyOf = (replayId: string) => ({ [keys.hashKey]: { S: `${prefix}${replayId}` } });
  return {
    async write(replayId, { by, reason, count }, expiresAt) {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...keyOf(replayId),
            [attributes.by]: { S: by },
            ...(reason === undefined ? {} : { [attributes.reason]: { S: reason } }),
            [attributes.count]: { N: String(count) },
            [keys.ttl]: { N: String(expiresAt) },
          },
        }),
      );
    },

    async read(replayIds) {
      if (replayIds.length === 0) return new Map();
      // An item keeps 100 ids at most, as many as one request takes.
      const { Responses } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [...new Set(replayIds)].map(keyOf) } } }),
      );
      return new Map(
        (Responses?.[table] ?? []).map((item) => {
          const reason = item[attributes.reason]?.S;
          const note = {
            by: item[attributes.by]?.S ?? "",
            ...(reason === undefined ? {} : { reason }),
            count: Number(item[attributes.count]?.N ?? 0),
          };
          return [(item[keys.hashKey]?.S ?? "").slice(prefix.length), note];
        }),
      );
    },
  };
}
