import { EventEmitter } from "node:events";
import type { Server } from "node:http";
import { setImmediate } from "node:timers/promises";
import dynalite from "dynalite";
import { describe, type Graph, type GraphResource, resourcesOfType } from "../program/graph.js";
import { UserError } from "../program/user-error.js";
import { ServiceError } from "./service-error.js";

type Json = Readonly<Record<string, unknown>>;

/** DynamoDB for the program's tables: dynalite, with one gap closed. */
export interface DynamoDb {
  /** Throws ServiceError for what DynamoDB refuses. */
  handle(operation: string, input: Json): Promise<Json>;
}

/**
 * Starts dynalite and makes the tables.
 *
 * @throws UserError for a table that DynamoDB refuses
 */
export async function startDynamoDb(graph: Graph): Promise<DynamoDb> {
  const send = sendTo(dynalite({ createTableMs: 0 }));
  const tables = resourcesOfType(graph, "aws:dynamodb/table:Table");
  for (const table of tables) await createTable(table, send);

  return {
    async handle(operation, input) {
      try {
        return await send(operation, input);
      } catch (error) {
        if (!(error instanceof ServiceError) || !wantsOldItem(error, input)) throw error;
        // dynalite ignores ReturnValuesOnConditionCheckFailure (AWS fact 6.1). Read a moment later, the item may be newer
        // than the one that failed the condition: callers that race each other must bear with that here.
        const { Item } = await send("GetItem", {
          TableName: input.TableName,
          Key: input.Key ?? keyOf(input.Item as Json, tables, input.TableName),
          ConsistentRead: true,
        });
        throw new ServiceError(error.code, error.message, error.status, Item === undefined ? {} : { Item });
      }
    },
  };
}

type Send = (operation: string, input: Json) => Promise<Json>;

/**
 * Hands requests to dynalite's server in this process. Over a port they would cost three times the processor time, and a busy
 * pipeline is a busy table.
 */
function sendTo(server: Server): Send {
  return (operation, input) =>
    new Promise((resolve, reject) => {
      const request = Object.assign(new EventEmitter(), {
        method: "POST",
        url: "/",
        headers: {
          "content-type": "application/x-amz-json-1.0",
          "x-amz-target": `DynamoDB_20120810.${operation}`,
          "x-amz-date": "20260101T000000Z",
          // dynalite wants a signature to be there and does not check it.
          authorization:
            "AWS4-HMAC-SHA256 Credential=a/b/c/dynamodb/aws4_request, SignedHeaders=host, Signature=x",
        },
      });
      const response = {
        statusCode: 200,
        setHeader() {},
        end(text = "{}") {
          const answer = JSON.parse(text) as Json;
          if (response.statusCode === 200) return resolve(answer);
          const { __type, message, Message, ...details } = answer;
          reject(
            new ServiceError(String(__type), String(message ?? Message ?? ""), response.statusCode, details),
          );
        },
      };
      server.emit("request", request, response);
      request.emit("data", Buffer.from(JSON.stringify(input)));
      request.emit("end");
    });
}

async function createTable(table: GraphResource, send: Send): Promise<void> {
  try {
    await send("CreateTable", createTableInput(table));
    await untilActive(table, send);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new UserError(`${describe(table)}: DynamoDB refuses the table: ${error.message}`);
  }
}

/** A table takes items a moment after it is made. */
async function untilActive({ state }: GraphResource, send: Send): Promise<void> {
  for (;;) {
    const { Table } = (await send("DescribeTable", { TableName: state.name })) as {
      Table: { TableStatus: string };
    };
    if (Table.TableStatus === "ACTIVE") return;
    await setImmediate();
  }
}

function wantsOldItem({ code }: ServiceError, input: Json): boolean {
  return (
    code.endsWith("ConditionalCheckFailedException") &&
    input.ReturnValuesOnConditionCheckFailure === "ALL_OLD"
  );
}

function keyOf(item: Json, tables: readonly GraphResource[], name: unknown): Json {
  const table = tables.find(({ state, id }) => state.name === name || id === name);
  const names = [table?.inputs.hashKey, table?.inputs.rangeKey].filter((key) => typeof key === "string");
  return Object.fromEntries(names.map((key) => [key, item[key]]));
}

interface Index {
  readonly name: string;
  readonly hashKey?: string;
  readonly rangeKey?: string;
  readonly projectionType: string;
  readonly nonKeyAttributes?: readonly string[];
}

function createTableInput({ inputs, state }: GraphResource): Json {
  const attributes = (inputs.attributes ?? []) as { name: string; type: string }[];
  const secondary = (indexes: unknown, hashKey?: unknown) =>
    ((indexes ?? []) as Index[]).map((index) => ({
      IndexName: index.name,
      KeySchema: keySchema(index.hashKey ?? hashKey, index.rangeKey),
      Projection: {
        ProjectionType: index.projectionType,
        ...(index.nonKeyAttributes === undefined ? {} : { NonKeyAttributes: index.nonKeyAttributes }),
      },
    }));
  const globalIndexes = secondary(inputs.globalSecondaryIndexes);
  const localIndexes = secondary(inputs.localSecondaryIndexes, inputs.hashKey);
  return {
    TableName: state.name,
    // Capacity costs nothing here, and dynalite does not throttle.
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: keySchema(inputs.hashKey, inputs.rangeKey),
    ...(globalIndexes.length === 0 ? {} : { GlobalSecondaryIndexes: globalIndexes }),
    ...(localIndexes.length === 0 ? {} : { LocalSecondaryIndexes: localIndexes }),
  };
}

function keySchema(hashKey: unknown, rangeKey: unknown) {
  return [
    { AttributeName: hashKey, KeyType: "HASH" },
    ...(rangeKey === undefined ? [] : [{ AttributeName: rangeKey, KeyType: "RANGE" }]),
  ];
}
