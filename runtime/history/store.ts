import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { type HistoryAttributes, historyAttributes as names } from "./item.js";
import { historySchema as keys } from "./schema.js";

/** Attributes to write into an item and to remove from it. */
export interface Changes {
  readonly set: HistoryAttributes;
  /** At least one. */
  readonly remove: readonly string[];
}

/**
 * The conditional writes of the history. Each resolves to undefined if it succeeded, else to the item that failed the
 * condition. That item has no attributes if it is gone in the meantime.
 */
export interface HistoryStore {
  /** Puts an item if there is none, or if there is an expired one that DynamoDB has not deleted yet (AWS fact 6.2). */
  putIfAbsent(item: HistoryAttributes): Promise<HistoryAttributes | undefined>;
  /** Changes an item if its token (or the lack of one) and its status are still the same as when it was read. */
  updateIfUnchanged(
    webhookId: string,
    seen: { readonly token: string | undefined; readonly status: string },
    changes: Changes,
  ): Promise<HistoryAttributes | undefined>;
}

export function createHistoryStore(client: DynamoDBClient, table: string, clock: () => number): HistoryStore {
  /** The attributes that decide about a claim. They are read only if DynamoDB did not return them with the refusal. */
  const readState = async (webhookId: string): Promise<HistoryAttributes> => {
    const attributes = [
      names.status,
      names.token,
      names.leaseUntil,
      names.attempts,
      names.crashes,
      names.replayIds,
      names.dueReplays,
      names.distributedAt,
      keys.receivedAt,
      names.latestReceivedAt,
      names.finishedAt,
      names.handlerMilliseconds,
    ];
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: { [keys.hashKey]: text(webhookId) },
        ConsistentRead: true,
        ProjectionExpression: attributes.map((_, index) => `#${index}`).join(", "),
        ExpressionAttributeNames: Object.fromEntries(attributes.map((name, index) => [`#${index}`, name])),
      }),
    );
    return Item ?? {};
  };

  const conditionally = async (
    webhookId: string,
    write: Promise<unknown>,
  ): Promise<HistoryAttributes | undefined> => {
    try {
      await write;
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return error.Item ?? (await readState(webhookId));
    }
  };

  return {
    putIfAbsent(item) {
      const put = new PutItemCommand({
        TableName: table,
        Item: item,
        ConditionExpression: "attribute_not_exists(#key) OR #expires <= :now",
        ExpressionAttributeNames: { "#key": keys.hashKey, "#expires": keys.ttl },
        ExpressionAttributeValues: { ":now": number(Math.floor(clock() / 1000)) },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      });
      return conditionally(item[keys.hashKey]?.S ?? "", client.send(put));
    },

    updateIfUnchanged(webhookId, seen, changes) {
      const update = updateExpression(changes);
      const command = new UpdateItemCommand({
        TableName: table,
        Key: { [keys.hashKey]: text(webhookId) },
        ConditionExpression: `${seen.token === undefined ? "attribute_not_exists(#token)" : "#token = :seenToken"} AND #status = :seenStatus`,
        UpdateExpression: update.expression,
        ExpressionAttributeNames: { ...update.names, "#token": names.token, "#status": names.status },
        ExpressionAttributeValues: {
          ...update.values,
          ...(seen.token === undefined ? {} : { ":seenToken": text(seen.token) }),
          ":seenStatus": text(seen.status),
        },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      });
      return conditionally(webhookId, client.send(command));
    },
  };
}

/** A DynamoDB text. */
export function text(value: string) {
  return { S: value };
}

/** A DynamoDB number. */
export function number(value: number) {
  return { N: String(value) };
}

/** A DynamoDB list of texts, in their order. */
export function texts(values: readonly string[]) {
  return { L: values.map(text) };
}

function updateExpression({ set, remove }: Changes) {
  const sets = Object.entries(set);
  const setPart = sets.map((_, index) => `#set${index} = :set${index}`).join(", ");
  const removePart = remove.map((_, index) => `#remove${index}`).join(", ");
  return {
    expression: `SET ${setPart} REMOVE ${removePart}`,
    names: {
      ...Object.fromEntries(sets.map(([name], index) => [`#set${index}`, name])),
      ...Object.fromEntries(remove.map((name, index) => [`#remove${index}`, name])),
    },
    values: Object.fromEntries(sets.map(([, value], index) => [`:set${index}`, value])),
  };
}
