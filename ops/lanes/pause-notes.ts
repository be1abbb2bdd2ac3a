import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { printable } from "../../command-line/console.js";
import { timeText } from "../../command-line/times.js";
import { historySchema } from "../../runtime/history/schema.js";

/** Who paused a lane, when and why. */
export interface PauseNote {
  readonly by: string;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly reason?: string;
}

/**
 * What is remembered of pauses. It is in the history table, because the mapping's tags take no apostrophe, comma or letter with
 * an accent, and a deployment puts them back:
 * docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html
 */
export interface PauseNotes {
  /** @param mapping id of the event source mapping. A lane that gets a new mapping is no longer paused */
  read(mapping: string): Promise<PauseNote | undefined>;
  write(mapping: string, note: PauseNote): Promise<void>;
  remove(mapping: string): Promise<void>;
}

/** Prefix of the keys. No webhook's key starts like this: no source's name has an underscore. */
const pauseKeyPrefix = "_pause/";

const names = { by: "paused_by", since: "paused_since", reason: "pause_reason" } as const;

export function pauseNotes(client: DynamoDBClient, table: string): PauseNotes {
  const keyOf = (mapping: string) => ({ [historySchema.hashKey]: { S: `${pauseKeyPrefix}${mapping}` } });
  return {
    async read(mapping) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: keyOf(mapping), ConsistentRead: true }),
      );
      const by = Item?.[names.by]?.S;
      if (by === undefined) return undefined;
      const reason = Item?.[names.reason]?.S;
      return {
        by,
        since: Number(Item?.[names.since]?.N ?? 0),
        ...(reason === undefined ? {} : { reason }),
      };
    },

    async write(mapping, { by, since, reason }) {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...keyOf(mapping),
            [names.by]: { S: by },
            [names.since]: { N: String(since) },
            ...(reason === undefined ? {} : { [names.reason]: { S: reason } }),
          },
        }),
      );
    },

    async remove(mapping) {
      await client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(mapping) }));
    },
  };
}

/** `paused by ann@laptop since 2026-11-25T03:00:00Z: the shop is down` */
export function pauseInWords({ by, since, reason }: PauseNote): string {
  const words = `paused by ${printable(by)} since ${timeText(since)}`;
  return reason === undefined ? words : `${words}: ${printable(reason)}`;
}
