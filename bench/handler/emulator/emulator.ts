import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { historySchema as keys } from "../../../runtime/history/schema.js";

/** The DynamoDB emulator, in a separate process. */
export interface Emulator {
  readonly endpoint: string;
  /** For work on its tables outside the measurements. */
  readonly client: DynamoDBClient;
  stop(): Promise<void>;
}

/** Credentials, which the emulator does not check but the SDK requires. */
export const emulatorAccess = {
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
} as const;

/**
 * Starts dynalite.
 *
 * @param latencyMilliseconds how long each request waits before it is processed
 */
export async function startEmulator(latencyMilliseconds: number): Promise<Emulator> {
  const program = fileURLToPath(new URL("./emulator-process.ts", import.meta.url));
  const child = fork(program, [String(latencyMilliseconds)], { execArgv: [] });
  const port = await Promise.race([
    once(child, "message").then(([message]) => Number(message)),
    once(child, "exit").then(() => {
      throw new Error("the DynamoDB emulator did not start");
    }),
  ]);
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: emulatorAccess.AWS_REGION,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  return {
    endpoint,
    client,
    async stop() {
      client.destroy();
      child.kill();
      await once(child, "exit");
    },
  };
}

/** Makes a history table like the one of `components/webhook-history.ts`. */
export async function createHistoryTable({ client }: Pick<Emulator, "client">, table: string): Promise<void> {
  const indexes = [keys.bySource, keys.byAttention];
  await createTable(client, {
    TableName: table,
    KeySchema: [{ AttributeName: keys.hashKey, KeyType: "HASH" }],
    AttributeDefinitions: [
      { AttributeName: keys.hashKey, AttributeType: "S" },
      { AttributeName: keys.receivedAt, AttributeType: "N" },
      ...indexes.map(({ hashKey }) => ({ AttributeName: hashKey, AttributeType: "S" as const })),
    ],
    GlobalSecondaryIndexes: indexes.map(({ index, hashKey }) => ({
      IndexName: index,
      KeySchema: [
        { AttributeName: hashKey, KeyType: "HASH" },
        { AttributeName: keys.receivedAt, KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    })),
  });
}

/**
 * Makes a table for Powertools' idempotency records according to its documentation: one hash key, `id`.
 * docs.aws.amazon.com/powertools/typescript/latest/features/idempotency/#required-resources
 */
export async function createIdempotencyTable({ client }: Emulator, table: string): Promise<void> {
  await createTable(client, {
    TableName: table,
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
  });
}

async function createTable(client: DynamoDBClient, input: CreateTableCommandInput): Promise<void> {
  await client.send(new CreateTableCommand({ ...input, BillingMode: "PAY_PER_REQUEST" }));
}
