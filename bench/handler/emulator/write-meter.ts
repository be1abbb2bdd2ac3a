import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { listenOnLoopback } from "local-aws";
import { type TableSchema, type WireItem, writeUnits } from "./write-units.js";

/** What passed through the meter. */
export interface Metered {
  /** Write request units. */
  readonly writeUnits: number;
  /** Requests of all kinds. */
  readonly requests: number;
}

/** A proxy between a function and the emulator that counts what the writes would cost. */
export interface WriteMeter {
  readonly endpoint: string;
  /** The counts since the last call. */
  read(): Metered;
  stop(): Promise<void>;
}

const measured = new Set(["PutItem", "UpdateItem", "DeleteItem"]);
const free = new Set(["GetItem", "BatchGetItem", "Query", "Scan", "DescribeTable"]);

interface WriteInput {
  readonly TableName: string;
  readonly Key?: WireItem;
  readonly Item?: WireItem;
}

/**
 * Starts a meter. It reads each item before and after a write, so it lets only one request through at a time and cannot
 * be used for timing.
 */
export async function startWriteMeter(emulator: string): Promise<WriteMeter> {
  let writeUnitsSoFar = 0;
  let requests = 0;
  const schemas = new Map<string, Promise<TableSchema>>();
  const schemaOf = (table: string): Promise<TableSchema> => {
    const known = schemas.get(table) ?? describe(emulator, table);
    schemas.set(table, known);
    return known;
  };

  const pass = async (operation: string, body: string): Promise<Answer> => {
    requests += 1;
    if (free.has(operation)) return send(emulator, operation, body);
    if (!measured.has(operation)) throw new Error(`the meter does not know what ${operation} costs`);

    const { TableName: table, ...input } = JSON.parse(body) as WriteInput;
    const schema = await schemaOf(table);
    const item = input.Key ?? input.Item ?? {};
    const key = Object.fromEntries(Object.entries(item).filter(([name]) => schema.keys.includes(name)));
    const before = await readItem(emulator, table, key);
    const answer = await send(emulator, operation, body);
    const conditionFailed = answer.status !== 200 && answer.body.includes("ConditionalCheckFailedException");
    // Any other refused request writes nothing and is not billed.
    if (answer.status === 200 || conditionFailed) {
      const after = await readItem(emulator, table, key);
      writeUnitsSoFar += writeUnits(schema, { before, after, conditionFailed });
    }
    return answer;
  };

  let last: Promise<unknown> = Promise.resolve();
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = (await buffer(request)).toString("utf8");
    const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    const turn = last.then(() => pass(operation, body));
    last = turn.catch(() => undefined);
    const answer = await turn.catch((error: Error) => refusal(error));
    response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" }).end(answer.body);
  };
  const server = createServer((request, response) => void serve(request, response));
  const { origin, close } = await listenOnLoopback(server);

  return {
    endpoint: origin,
    read() {
      const metered = { writeUnits: writeUnitsSoFar, requests };
      writeUnitsSoFar = 0;
      requests = 0;
      return metered;
    },
    stop: close,
  };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** DynamoDB refuses unsupported requests in this way, and the SDK does not repeat them. */
function refusal({ message }: Error): Answer {
  return {
    status: 400,
    body: JSON.stringify({ __type: "com.amazon.coral.validate#ValidationException", message }),
  };
}

async function send(emulator: string, operation: string, body: string): Promise<Answer> {
  const response = await fetch(emulator, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
      "x-amz-date": "20260101T000000Z",
      // dynalite requires a signature but does not check it.
      authorization:
        "AWS4-HMAC-SHA256 Credential=a/b/c/dynamodb/aws4_request, SignedHeaders=host, Signature=x",
    },
    body,
  });
  return { status: response.status, body: await response.text() };
}

async function readItem(emulator: string, table: string, key: WireItem): Promise<WireItem | undefined> {
  const request = { TableName: table, Key: key, ConsistentRead: true };
  const { status, body } = await send(emulator, "GetItem", JSON.stringify(request));
  if (status !== 200) throw new Error(`the meter could not read an item of ${table}: ${body}`);
  return (JSON.parse(body) as { Item?: WireItem }).Item;
}

interface TableDescription {
  readonly KeySchema: readonly { readonly AttributeName: string }[];
  readonly GlobalSecondaryIndexes?: readonly {
    readonly KeySchema: TableDescription["KeySchema"];
    readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
  }[];
}

async function describe(emulator: string, table: string): Promise<TableSchema> {
  const { status, body } = await send(emulator, "DescribeTable", JSON.stringify({ TableName: table }));
  if (status !== 200) throw new Error(`the meter could not read the schema of ${table}: ${body}`);
  const { Table } = JSON.parse(body) as { Table: TableDescription };
  const names = (keys: TableDescription["KeySchema"]) => keys.map(({ AttributeName }) => AttributeName);
  return {
    keys: names(Table.KeySchema),
    indexes: (Table.GlobalSecondaryIndexes ?? []).map(({ KeySchema, Projection }) => ({
      keys: names(KeySchema),
      projected: Projection.ProjectionType === "ALL" ? "all" : (Projection.NonKeyAttributes ?? []),
    })),
  };
}
