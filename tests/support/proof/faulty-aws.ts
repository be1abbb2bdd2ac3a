import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { listenOnLoopback } from "local-aws";
import { type LocalHistoryTable, startHistoryTable } from "../dynamodb.js";

/** The calls that the function makes. */
export const operations = [
  "GetSecretValue",
  "PutItem",
  "PutObject",
  "UpdateItem",
  "GetItem",
  "ChangeMessageVisibility",
] as const;
export type Operation = (typeof operations)[number];

/** What can go wrong with a call; the first five happen before it has any effect. */
export const faults = [
  "throttled",
  "internal error",
  "connection reset",
  "no answer",
  "access denied",
  "answer lost",
] as const;
export type Fault = (typeof faults)[number];

/** AWS as far as the function calls it, over its real protocols, with faults on demand. */
export interface FaultyAws {
  readonly database: LocalHistoryTable;
  /**
   * Environment of a function that finds its services here, and the end of the one before it: what a process still has
   * on the way when Lambda ends it never arrives.
   */
  nextProcess(): Readonly<Record<string, string>>;
  /** Calls that were made since the last reset, with how they went. */
  readonly calls: { readonly operation: Operation; readonly went: Fault | "well" }[];
  /** How often the next calls of an operation go wrong, and how. */
  plan(operation: Operation, fault: Fault, times: number): void;
  /** From now on everything goes well. */
  heal(): void;
  /** What Secrets Manager answers. */
  secret: string;
  /** Whether a refused write brings the item that stood in its way, as DynamoDB's own does; dynalite's does not. */
  refusalsHaveItems: boolean;
  stop(): Promise<void>;
}

export async function startFaultyAws(secret: string): Promise<FaultyAws> {
  const database = await startHistoryTable();
  const planned = new Map<Operation, { fault: Fault; times: number }>();
  const calls: FaultyAws["calls"] = [];

  let processes = 0;
  const accessKeyId = () => `process-${processes}`;

  const server = createServer(async (request, response) => {
    if (!request.headers.authorization?.includes(`Credential=${accessKeyId()}/`)) {
      return void request.socket.destroy();
    }
    const operation = operationOf(request);
    const body = await buffer(request);
    const plan = planned.get(operation);
    const fault = plan !== undefined && plan.times-- > 0 ? plan.fault : undefined;
    calls.push({ operation, went: fault ?? "well" });
    if (fault === "no answer") return;
    if (fault === "connection reset") return void request.socket.destroy();
    if (fault !== undefined && fault !== "answer lost") return refuse(response, operation, fault);

    const answer = await perform(operation, request, body, {
      database,
      secret: aws.secret,
      withItems: aws.refusalsHaveItems,
    });
    if (fault === "answer lost") return void request.socket.destroy();
    response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" }).end(answer.body);
  });
  const { origin: endpoint, close } = await listenOnLoopback(server);

  const aws: FaultyAws = {
    database,
    nextProcess() {
      processes++;
      return {
        WEBHOOK_QUEUE_URL: `${endpoint}/000000000000/webhooks`,
        WEBHOOK_HISTORY_TABLE: database.table,
        WEBHOOK_OVERFLOW_BUCKET: "overflow",
        WEBHOOK_LOG_LEVEL: "ERROR",
        AWS_REGION: "eu-west-1",
        AWS_ACCESS_KEY_ID: accessKeyId(),
        AWS_SECRET_ACCESS_KEY: "local",
        AWS_ENDPOINT_URL: endpoint,
      };
    },
    calls,
    plan: (operation, fault, times) => planned.set(operation, { fault, times }),
    heal: () => planned.clear(),
    secret,
    refusalsHaveItems: true,
    async stop() {
      await close();
      await database.stop();
    },
  };
  return aws;
}

function operationOf(request: IncomingMessage): Operation {
  const target = String(request.headers["x-amz-target"] ?? "PutObject");
  const operation = operations.find((known) => target.endsWith(known));
  if (operation === undefined) throw new Error(`the function is not known to call ${target}`);
  return operation;
}

function refuse(response: ServerResponse, operation: Operation, fault: Fault): void {
  const [status, code] = {
    throttled: [400, operation === "PutObject" ? "SlowDown" : "ThrottlingException"],
    "internal error": [500, operation === "PutObject" ? "InternalError" : "InternalServerError"],
    "access denied": [400, "AccessDeniedException"],
  }[fault as "throttled" | "internal error" | "access denied"] as [number, string];
  if (operation === "PutObject") {
    response.writeHead(code === "SlowDown" ? 503 : status).end(`<Error><Code>${code}</Code></Error>`);
    return;
  }
  response
    .writeHead(status, { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": code })
    .end(JSON.stringify({ __type: code, message: fault }));
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function perform(
  operation: Operation,
  request: IncomingMessage,
  body: Buffer,
  { database, secret, withItems }: { database: LocalHistoryTable; secret: string; withItems: boolean },
): Promise<Answer> {
  switch (operation) {
    case "GetSecretValue":
      return { status: 200, body: JSON.stringify({ SecretString: secret }) };
    case "ChangeMessageVisibility":
      return { status: 200, body: "{}" };
    case "PutObject":
      return { status: 200, body: "" };
    default: {
      const answer = await passOn(database.endpoint, request, body);
      if (!withItems || !answer.body.includes("ConditionalCheckFailedException")) return answer;
      const input = JSON.parse(body.toString()) as {
        Key?: object;
        Item?: { webhook_id: object };
        TableName: string;
      };
      const Key = input.Key ?? { webhook_id: input.Item?.webhook_id };
      const read = JSON.stringify({ TableName: input.TableName, Key, ConsistentRead: true });
      const { body: found } = await passOn(database.endpoint, request, Buffer.from(read), "GetItem");
      return { ...answer, body: JSON.stringify({ ...JSON.parse(answer.body), ...JSON.parse(found) }) };
    }
  }
}

async function passOn(
  endpoint: string,
  { headers }: IncomingMessage,
  body: Buffer,
  operation?: string,
): Promise<Answer> {
  const target = String(headers["x-amz-target"]);
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": operation === undefined ? target : `DynamoDB_20120810.${operation}`,
      "x-amz-date": String(headers["x-amz-date"]),
      authorization: String(headers.authorization),
    },
    body: new Uint8Array(body),
  });
  return { status: response.status, body: await response.text() };
}
