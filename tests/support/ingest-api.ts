import { Agent } from "node:http";
import {
  type CallService,
  type Graph,
  localAccount,
  parseQuery,
  type Received,
  type SendOptions,
  type ServiceRequest,
  sendRequest,
  serveRestApi,
} from "local-aws";
import { SqsIngestApi, type SqsIngestApiArgs } from "../../components/sqs-ingest-api.js";
import { decodeEnvelope, type Envelope } from "../../runtime/envelope/envelope.js";
import { restApiArgs } from "./default-args.js";
import { place, registered } from "./registered.js";

/** What the gateway adds to a sender's headers, and `Host`, which every request has. */
export const addedHeaders: readonly string[] = [
  "host",
  "x-amzn-trace-id",
  "x-forwarded-for",
  "x-forwarded-port",
  "x-forwarded-proto",
];

/** In place of SQS: keeps what it was sent and answers what it is told to. */
class RecordingQueue {
  readonly requests: ServiceRequest[] = [];
  answer: CallService = async () => ({
    status: 200,
    headers: { "content-type": "application/json" },
    body: Buffer.from('{"SendMessageResponse":{}}'),
  });

  readonly call: CallService = (request) => {
    this.requests.push(request);
    return this.answer(request);
  };
}

/** The component of the REST API alone, served on this machine, and in place of SQS a service that records. */
export interface IngestApi {
  readonly service: RecordingQueue;
  readonly accessLog: string[];
  readonly executionLog: string[];
  /** Sends over one kept connection, headers as they are: names and values in turn, any case, repeated if repeated. */
  send(path: string, options?: SendOptions): Promise<Received>;
  /** What the only call of the queue since the last `clear` says. */
  sent(): SentMessage;
  clear(): void;
  close(): Promise<void>;
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
export async function serveIngestApi(args: Partial<SqsIngestApiArgs> = {}): Promise<IngestApi> {
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
  const service = new RecordingQueue();
  const [accessLog, executionLog]: [string[], string[]] = [[], []];
  const gateway = await serveRestApi({
    graph,
    restApi: one("aws:apigateway/restApi:RestApi"),
    callService: service.call,
    onAccessLog: (line) => accessLog.push(line),
    onExecutionLog: (line) => executionLog.push(line),
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    service,
    accessLog,
    executionLog,
    send: (path, options) => sendRequest(gateway.url + path, { ...options, agent }),
    sent: () => readSent(service.requests),
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

function readSent(requests: readonly ServiceRequest[]): SentMessage {
  if (requests.length !== 1) throw new Error(`wanted one call of the service, saw ${requests.length}`);
  const form = Buffer.from(requests[0]?.body ?? []).toString("latin1");
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
