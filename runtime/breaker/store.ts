import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { historySchema } from "../history/schema.js";
import { number, text } from "../history/store.js";
import type { BreakerState } from "./state.js";

/** A change that was made, or the state that stood in its way: absent if there is none. */
export type Replaced = { readonly done: true } | { readonly done: false; readonly state?: BreakerState };

/** The states of all targets, which the functions share. */
export interface BreakerStore {
  /**
   * Puts a state in the place of the one that was seen.
   *
   * @param seen its version. Absent: there was none, or a forgotten one
   */
  replace(name: string, seen: string | undefined, state: BreakerState): Promise<Replaced>;
  /** Absent: there is none. */
  read(name: string): Promise<BreakerState | undefined>;
}

/** No webhook's key starts like this: no source's name has an underscore. */
const prefix = "_breaker/";

/** The attributes in addition to the table's keys. No index has them. */
const names = {
  version: "version",
  failures: "failures",
  openUntil: "open_until",
  delaySeconds: "delay_seconds",
  openSince: "open_since",
  probeUntil: "probe_until",
} as const;

/**
 * Keeps the states in the history table, one item each, which DynamoDB deletes when they are forgotten. To count a failure
 * takes one put, or two if another function was faster; the refusal brings the state that is there.
 */
export function createBreakerStore(client: DynamoDBClient, table: string, clock: () => number): BreakerStore {
  const keyOf = (name: string) => ({ [historySchema.hashKey]: text(`${prefix}${name}`) });
  const read = async (name: string) => {
    const command = new GetItemCommand({ TableName: table, Key: keyOf(name), ConsistentRead: true });
    const { Item } = await client.send(command);
    return Item === undefined ? undefined : stateIn(Item);
  };
  return {
    read,

    async replace(name, seen, state) {
      const unseen = {
        ConditionExpression: "attribute_not_exists(#key) OR #expires <= :now",
        ExpressionAttributeNames: { "#key": historySchema.hashKey, "#expires": historySchema.ttl },
        ExpressionAttributeValues: { ":now": number(Math.floor(clock() / 1000)) },
      };
      const unchanged = (version: string) => ({
        ConditionExpression: "#version = :seen",
        ExpressionAttributeNames: { "#version": names.version },
        ExpressionAttributeValues: { ":seen": text(version) },
      });
      const put = new PutItemCommand({
        TableName: table,
        Item: { ...keyOf(name), ...attributesOf(state) },
        ...(seen === undefined ? unseen : unchanged(seen)),
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      });
      try {
        await client.send(put);
        return { done: true };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        const there = error.Item === undefined ? await read(name) : stateIn(error.Item);
        // The SDK repeats a call whose answer got lost. Then the state that is there is our own.
        if (there?.version === state.version) return { done: true };
        return { done: false, ...(there === undefined ? {} : { state: there }) };
      }
    },
  };
}

function attributesOf({ version, failures, open, expiresAt }: BreakerState): Record<string, AttributeValue> {
  return {
    [names.version]: text(version),
    [names.failures]: number(failures),
    [historySchema.ttl]: number(expiresAt),
    ...(open === undefined
      ? {}
      : {
          [names.openUntil]: number(open.until),
          [names.delaySeconds]: number(open.delaySeconds),
          [names.openSince]: number(open.since),
          ...(open.probeUntil === undefined ? {} : { [names.probeUntil]: number(open.probeUntil) }),
        }),
  };
}

function stateIn(item: Record<string, AttributeValue>): BreakerState | undefined {
  const version = item[names.version]?.S;
  if (version === undefined) return undefined;
  const read = (name: string) => (item[name]?.N === undefined ? undefined : Number(item[name].N));
  const until = read(names.openUntil);
  const probeUntil = read(names.probeUntil);
  return {
    version,
    failures: read(names.failures) ?? 0,
    expiresAt: read(historySchema.ttl) ?? 0,
    ...(until === undefined
      ? {}
      : {
          open: {
            until,
            delaySeconds: read(names.delaySeconds) ?? 0,
            since: read(names.openSince) ?? until,
            ...(probeUntil === undefined ? {} : { probeUntil }),
          },
        }),
  };
}
