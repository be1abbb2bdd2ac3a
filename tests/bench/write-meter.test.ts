import {
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startWriteMeter, type WriteMeter } from "../../bench/handler/emulator/write-meter.js";
import { historySchema as keys } from "../../runtime/history/schema.js";
import { type LocalHistoryTable, startHistoryTable } from "../support/dynamodb.js";

let database: LocalHistoryTable;
let meter: WriteMeter;
let client: DynamoDBClient;

beforeEach(async () => {
  database = await startHistoryTable();
  meter = await startWriteMeter(database.endpoint);
  client = new DynamoDBClient({
    endpoint: meter.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
});

afterEach(async () => {
  client.destroy();
  await meter.stop();
  await database.stop();
});

const Key = { [keys.hashKey]: { S: "github/1" } };

function put(attributes: Record<string, { S: string } | { N: string }> = {}): PutItemCommand {
  return new PutItemCommand({
    TableName: database.table,
    Item: { ...Key, ...attributes },
    ConditionExpression: "attribute_not_exists(#key)",
    ExpressionAttributeNames: { "#key": keys.hashKey },
    ReturnConsumedCapacity: "TOTAL",
  });
}

function updatePayload(bytes: number): UpdateItemCommand {
  return new UpdateItemCommand({
    TableName: database.table,
    Key,
    UpdateExpression: "SET payload = :payload",
    ExpressionAttributeValues: { ":payload": { B: new Uint8Array(bytes) } },
    ReturnConsumedCapacity: "TOTAL",
  });
}

describe("the write meter", () => {
  it("counts a claim with its index, the end with its payload, and the refusal of another claim", async () => {
    const listed = { [keys.bySource.hashKey]: { S: "github#2026-01-01#0" }, [keys.receivedAt]: { N: "5" } };
    await client.send(put(listed));
    expect(meter.read()).toEqual({ writeUnits: 2, requests: 1 });

    await client.send(updatePayload(2_500));
    expect(meter.read()).toEqual({ writeUnits: 3, requests: 1 });

    await expect(client.send(put())).rejects.toThrow("The conditional request failed");
    expect(meter.read()).toEqual({ writeUnits: 3, requests: 1 });
  });

  it("counts requests that only read without units", async () => {
    await client.send(new GetItemCommand({ TableName: database.table, Key }));
    expect(meter.read()).toEqual({ writeUnits: 0, requests: 1 });
  });

  it("agrees with the emulator's own count for a table, which it makes without indexes", async () => {
    const counted = await client.send(put({ note: { S: "x".repeat(1_400) } }));
    expect(counted.ConsumedCapacity?.CapacityUnits).toBe(meter.read().writeUnits);

    for (const bytes of [900, 10_000, 20]) {
      const updated = await client.send(updatePayload(bytes));
      expect(updated.ConsumedCapacity?.CapacityUnits).toBe(meter.read().writeUnits);
    }
  });

  it("tells concurrent writes of one item apart", async () => {
    const puts = await Promise.allSettled(Array.from({ length: 5 }, () => client.send(put())));
    expect(puts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(meter.read()).toEqual({ writeUnits: 5, requests: 5 });
  });

  it("counts nothing for a request that is refused for what it says", async () => {
    const wrong = new PutItemCommand({ TableName: database.table, Item: { other: { S: "1" } } });
    await expect(client.send(wrong)).rejects.toThrow();
    expect(meter.read()).toEqual({ writeUnits: 0, requests: 1 });
  });

  it("refuses what it has no rule for", async () => {
    const batch = new BatchWriteItemCommand({
      RequestItems: { [database.table]: [{ PutRequest: { Item: Key } }] },
    });
    await expect(client.send(batch)).rejects.toThrow("the meter does not know what BatchWriteItem costs");
  });
});
