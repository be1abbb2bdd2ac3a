import { createServer, type IncomingHttpHeaders } from "node:http";
import { buffer } from "node:stream/consumers";
import { listenOnLoopback } from "local-aws";
import { vi } from "vitest";
import type { NameValue } from "../../runtime/envelope/headers.js";
import { Webhook } from "../../runtime/envelope/webhook.js";
import { type HandlerResult, runHandler } from "../../runtime/routing/run-handler.js";
import type { AwsTargetDefinition, TargetKind, TargetOf } from "../../runtime/stage/targets.js";
import { openEventBus } from "../../runtime/targets/event-bus.js";
import { openFirehose } from "../../runtime/targets/firehose.js";
import { openFunction } from "../../runtime/targets/function.js";
import { openQueue } from "../../runtime/targets/queue.js";
import type { OpenTarget, TargetContext } from "../../runtime/targets/send.js";
import { openStateMachine } from "../../runtime/targets/state-machine.js";
import { openStream } from "../../runtime/targets/stream.js";
import { openTopic } from "../../runtime/targets/topic.js";
import { createLog } from "../../runtime/telemetry/log.js";
import { envelopeOf } from "./sqs-events.js";

/** What opens each kind of target. */
const open: { readonly [Kind in TargetKind]: OpenTarget<TargetOf<Kind>> } = {
  queue: openQueue,
  eventBus: openEventBus,
  topic: openTopic,
  function: openFunction,
  stateMachine: openStateMachine,
  stream: openStream,
  firehose: openFirehose,
};

/** A target of each kind, as the settings would make it. */
export const targets: { readonly [Kind in TargetKind]: TargetOf<Kind> } = {
  queue: { kind: "queue", arn: arn("sqs", "orders"), format: "raw", maximumBytes: 1_048_576 },
  eventBus: { kind: "eventBus", arn: arn("events", "event-bus/orders"), format: "cloudevents" },
  topic: { kind: "topic", arn: arn("sns", "orders"), format: "raw", maximumBytes: 262_144 },
  function: {
    kind: "function",
    arn: arn("lambda", "function:orders"),
    format: "raw",
    invocation: "event",
    timeoutSeconds: 10,
  },
  stateMachine: { kind: "stateMachine", arn: arn("states", "stateMachine:orders"), format: "raw" },
  stream: {
    kind: "stream",
    arn: arn("kinesis", "stream/orders"),
    format: "raw",
    partitionKey: "source",
    maximumBytes: 1_048_576,
  },
  firehose: { kind: "firehose", arn: arn("firehose", "deliverystream/orders"), format: "raw" },
};

export function arn(service: string, resource: string, account = "210987654321"): string {
  return `arn:aws:${service}:eu-west-1:${account}:${resource}`;
}

/** A webhook of the source `shop`, which types its events in `json:type`. */
export interface Sent {
  readonly body?: Buffer | string;
  readonly headers?: NameValue[];
  readonly query?: NameValue[];
  readonly eventId?: string;
}

/** Hands one webhook to a target, as the function does. */
export async function handOver(
  target: AwsTargetDefinition,
  { body = '{"type":"order.paid"}', headers, query = [], eventId = "o-1" }: Sent = {},
  {
    context = {},
    deadlineMilliseconds = 20_000,
  }: {
    context?: Omit<TargetContext, "source"> & { source?: Partial<TargetContext["source"]> };
    deadlineMilliseconds?: number;
  } = {},
): Promise<HandlerResult> {
  const envelope = envelopeOf({
    source: "shop",
    headers: headers ?? [["Content-Type", "application/json"]],
    query,
    body: Buffer.from(body as string),
  });
  const { source, ...rest } = context;
  const handler = (open[target.kind] as OpenTarget<AwsTargetDefinition>)(target, {
    source: { signature: { kind: "none" }, ...source },
    ...rest,
  });
  const webhook = new Webhook(envelope, {
    id: `shop/${eventId}`,
    eventId,
    attempt: 1,
    eventType: "json:type",
  });
  return runHandler(handler, webhook, {
    deadline: {
      signal: AbortSignal.timeout(deadlineMilliseconds),
      remainingMilliseconds: () => deadlineMilliseconds,
    },
    log: createLog({ level: "ERROR", writeLine: () => {}, clock: Date.now }),
  });
}

/** A request as AWS would get it. */
export interface AwsRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface AwsAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An address that the SDK's clients take for AWS, and what is answered there. */
export interface FakeAws {
  readonly requests: readonly AwsRequest[];
  stop(): Promise<void>;
}

/** @param answer undefined: it never comes */
export async function startFakeAws(
  answer: (request: AwsRequest, number: number) => AwsAnswer | undefined,
): Promise<FakeAws> {
  const requests: AwsRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const request = { url: incoming.url ?? "", headers: incoming.headers, body: await buffer(incoming) };
    requests.push(request);
    const given = answer(request, requests.length);
    if (given !== undefined) response.writeHead(given.status, given.headers).end(given.body);
  });
  const { origin, close } = await listenOnLoopback(server);
  useAws(origin);
  return {
    requests,
    async stop() {
      vi.unstubAllEnvs();
      server.closeAllConnections();
      await close();
    },
  };
}

/** Makes the SDK's clients of this test call an address. */
export function useAws(origin: string, key = { accessKeyId: "test", secretAccessKey: "test" }): void {
  const variables = {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_ENDPOINT_URL: origin,
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}
