import { Agent, request as httpRequest } from "node:http";
import { SqsIngestApi, type SqsIngestApiArgs } from "../../components/sqs-ingest-api.js";
import { startGateway } from "../../packages/local-aws/gateway/server.js";
import { type Graph, localAccount } from "../../packages/local-aws/program/graph.js";
import { parseQuery } from "../../packages/local-aws/services/sqs/query-protocol.js";
import { decodeEnvelope, type Envelope } from "../../runtime/envelope/envelope.js";
import { restApiArgs } from "./default-args.js";
import { FakeService, type Received } from "./gateway.js";
import { place, registered } from "./registered.js";

/** What the gateway adds to a sender's headers, and `Host`, which every request has. */
export const addedHeaders: readonly string[] = [
  "host",
  "x-amzn-trace-id",
  "x-forwarded-for",
  "x-forwarded-port",
  "x-forwarded-proto",
];

/** The program's front door alone: its component behind the local gateway, and in place of SQS a service that records. */
export interface FrontDoor {
  readonly service: FakeService;
  readonly accessLog: string[];
  readonly executionLog: string[];
  /** Sends over one kept connection, headers as they are: names and values in turn, any case, repeated if repeated. */
  send(path: string, options?: DoorRequest): Promise<Received>;
  /** What the only call of the queue since the last `clear` says. */
  sent(): SentMessage;
  clear(): void;
  close(): Promise<void>;
}

export interface DoorRequest {
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
}

/** A call of SendMessage, read as SQS reads it. */
export interface SentMessage {
  /** The form as it travelled. */
  readonly form: string;
  /** Names of the form's parameters, in their order, repeated ones twice. */
  readonly parameters: readonly string[];
  readonly operation: string;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly envelope: Envelope;
}

/** Registers the component with these arguments and serves it on a free port. */
export async function openDoor(args: Partial<SqsIngestApiArgs> = {}): Promise<FrontDoor> {
  const { sources = [{ name: "github" }], fifo = false } = args;
  const queue = { arn: `arn:aws:sqs:eu-west-1:${localAccount}:events-queue${fifo ? ".fifo" : ""}` };
  const { resources, one } = await registered(
    () =>
      new SqsIngestApi("events", {
        ...restApiArgs,
        sources,
        queues: Object.fromEntries(sources.map(({ name }) => [name, queue])),
        ...args,
      }),
  );
  const graph: Graph = {
    project: "webhook-pipeline",
    stack: "test",
    region: place.region,
    account: localAccount,
    resources,
    outputs: {},
  };
  const service = new FakeService();
  const [accessLog, executionLog]: [string[], string[]] = [[], []];
  const gateway = await startGateway(
    {
      graph,
      restApi: one("aws:apigateway/restApi:RestApi"),
      callService: service.call,
      onAccessLog: (line) => accessLog.push(line),
      onExecutionLog: (line) => executionLog.push(line),
    },
    { port: 0, host: "127.0.0.1" },
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    service,
    accessLog,
    executionLog,
    send: (path, options) => sendKeepingAlive(agent, gateway.url, path, options),
    sent: () => readSent(service.sent),
    clear() {
      service.requests.length = 0;
      accessLog.length = 0;
      executionLog.length = 0;
    },
    async close() {
      agent.destroy();
      await gateway.close();
    },
  };
}

function readSent(form: string): SentMessage {
  const { operation, input } = parseQuery("/", Buffer.from(form, "latin1"), "http://sqs.local");
  const text = (name: string) => (typeof input[name] === "string" ? input[name] : undefined);
  return {
    form,
    parameters: form.split("&").map((parameter) => parameter.slice(0, parameter.indexOf("="))),
    operation,
    groupId: text("MessageGroupId"),
    deduplicationId: text("MessageDeduplicationId"),
    envelope: decodeEnvelope(text("MessageBody") ?? ""),
  };
}

function sendKeepingAlive(
  agent: Agent,
  origin: string,
  path: string,
  { method = "POST", headers = [], body = "" }: DoorRequest = {},
): Promise<Received> {
  const { host, hostname, port } = new URL(origin);
  // Bytes, since Node writes the headers in the encoding of a body that is text.
  const bytes = Buffer.from(body);
  const fields = ["Host", host, ...headers, "Content-Length", String(bytes.length)];
  return new Promise((resolve, reject) => {
    const request = httpRequest({ agent, hostname, port, path, method, headers: fields }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const answer = Buffer.concat(chunks);
        const { statusCode: status = 0, headers: answered, rawHeaders } = response;
        resolve({ status, headers: answered, rawHeaders, body: answer.toString("utf8"), bytes: answer });
      });
    });
    request.on("error", reject);
    request.end(bytes);
  });
}
