import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { DeleteMessages } from "./batch/crash-suspects.js";
import type { SendAgain } from "./batch/hold.js";
import type { ChangeVisibility } from "./batch/redelivery.js";
import { type BreakerStore, createBreakerStore } from "./breaker/store.js";
import { type Recall, recallFrom } from "./history/accepted-before.js";
import { createHistory, type History } from "./history/history.js";
import type { openNewsBus } from "./news/event-bus.js";
import type { PutEvents } from "./news/events.js";
import { createNews, type News } from "./news/news.js";
import { countIn } from "./news/window-count.js";
import type { OverflowStore } from "./payload/overflow.js";
import type { s3Overflow } from "./payload/s3-overflow.js";
import { createSecrets, type Secrets, secretsManagerFetch } from "./signatures/secrets.js";
import { createSigningKeys, type RequestKeys, type SigningKeys } from "./signatures/signing-keys.js";
import type { ProcessorDefinition } from "./stage/definition.js";
import { environmentVariables, type LogLevel, readEnvironment } from "./stage/environment.js";
import type { SendMessages } from "./subscribers/sender.js";
import { createLog, type WriteLine, writeToStdout } from "./telemetry/log.js";

/** Everything outside the function that it uses. */
export interface Dependencies {
  readonly history: History;
  /** Reads the history. Absent: replays must prove themselves like all other webhooks. */
  readonly recall?: Recall;
  readonly secrets: Secrets;
  readonly signingKeys: SigningKeys;
  readonly changeVisibility: ChangeVisibility;
  readonly deleteMessages: DeleteMessages;
  /** Puts messages into subscribers' queues. */
  readonly sendMessages: SendMessages;
  /** Absent: a webhook that has to wait for its target waits in the message that was delivered. */
  readonly sendAgain?: SendAgain;
  /** What is known of targets. Absent: none is ever left alone. */
  readonly breakerStore?: BreakerStore;
  /** The store for payloads that are too large for the history's items. Absent: they are not kept. */
  readonly overflow?: OverflowStore;
  /** Tells what happens to the pipeline. Absent: nobody is told. */
  readonly news?: News;
  /** The current time in epoch milliseconds. */
  readonly clock: () => number;
  /** A random number from 0 up to 1. */
  readonly random: () => number;
  readonly writeLine: WriteLine;
  readonly logLevel: LogLevel;
}

/**
 * Opens an overflow bucket. It is passed in and not imported, because S3's client is a quarter of the bundle that
 * contains it.
 */
export type OpenOverflow = typeof s3Overflow;

/** Loads what opens a bus, which a stage without events about itself does not have in its bundle. */
export type OpenNewsBus = () => Promise<typeof openNewsBus>;

/**
 * By default the SDK waits without a limit, and a call that hangs would delay a whole batch. DynamoDB answers within
 * milliseconds, so a request that takes this long is lost and should be repeated.
 */
const requestHandler = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };

/** S3 takes slightly longer for up to 1 MB. */
const overflowRequestHandler = { ...requestHandler, requestTimeout: 5_000 };

/**
 * The real dependencies, which the function's environment names.
 *
 * Each webhook needs DynamoDB, so its client is created at once. The clients for SQS, Secrets Manager and S3 are loaded
 * on first use, to keep them out of cold starts.
 */
export function awsDependencies(
  definition: ProcessorDefinition & {
    readonly secretNames?: Readonly<Record<string, string>>;
    readonly openOverflow?: OpenOverflow;
    readonly openNewsBus?: OpenNewsBus;
  },
): Dependencies {
  const environment = readEnvironment(process.env);
  const { overflowBucket, signingKeysEndpoint } = environment;
  const clock = Date.now;
  const writeLine = writeToStdout;
  const { logLevel } = environment;
  const { warn } = createLog({ level: logLevel, writeLine, clock });
  // The SDK's middleware stack never changes here. Building it anew for each request would be a tenth of the request's
  // CPU time.
  const client = new DynamoDBClient({ requestHandler, cacheMiddleware: true });
  // This step copies every request and response for a logger, and there is no logger.
  client.middlewareStack.remove("loggerMiddleware");
  return {
    recall: recallFrom(client, environment.historyTable),
    history: createHistory({
      client,
      table: environment.historyTable,
      timeoutSeconds: definition.timeoutSeconds,
      ttlDays: definition.historyTtlDays,
      clock,
    }),
    secrets: createSecrets({
      names: definition.secretNames ?? {},
      fetchSecret: secretsManagerFetch(requestHandler),
      clock,
      warn,
    }),
    signingKeys: createSigningKeys({ requestKeys: requestKeysOnFirstUse(signingKeysEndpoint), clock, warn }),
    breakerStore: createBreakerStore(client, environment.historyTable, clock),
    ...sqsMessages(environment.queueUrl),
    ...(overflowBucket === undefined ? {} : { overflow: overflowIn(overflowBucket, definition) }),
    ...(definition.events === undefined
      ? {}
      : {
          news: createNews(definition.events, {
            addToCount: countIn(client, environment.historyTable),
            putEvents: putEventsOnFirstUse(definition.events.bus, definition.openNewsBus),
            clock,
          }),
        }),
    clock,
    random: Math.random,
    writeLine,
    logLevel,
  };
}

/** Loads the way to the senders' keys with the first request. Only sources whose tokens have such keys need it. */
function requestKeysOnFirstUse(endpoint: string | undefined): RequestKeys {
  const load = async () => {
    const { createRequestKeys, requestKeysFrom } = await import("./signatures/fetch-keys.js");
    return endpoint === undefined ? createRequestKeys() : requestKeysFrom(endpoint);
  };
  let loaded: Promise<RequestKeys> | undefined;
  return async (request) => {
    loaded ??= load();
    return (await loaded)(request);
  };
}

function overflowIn(
  bucket: string,
  { overflow, openOverflow }: Parameters<typeof awsDependencies>[0],
): OverflowStore {
  if (openOverflow !== undefined) {
    return { ...openOverflow(bucket, overflowRequestHandler), readOnly: overflow === "retiring" };
  }
  throw new Error(
    `${environmentVariables.overflowBucket} is set, but the bundle does not contain the client for S3: deploy the function with this stack's program`,
  );
}

/** Loads the client for EventBridge with the first event. */
function putEventsOnFirstUse(bus: string, load: OpenNewsBus | undefined): PutEvents {
  if (load === undefined) {
    throw new Error(
      "the bundle does not contain the client for the event bus: deploy the function with this stack's program",
    );
  }
  let opened: Promise<PutEvents> | undefined;
  return async (entries, signal) => {
    opened ??= load().then((open) => open(bus));
    return (await opened)(entries, signal);
  };
}

/** Most messages that one request to SQS may delete. */
const deletesPerRequest = 10;

function sqsMessages(
  QueueUrl: string,
): Pick<Dependencies, "changeVisibility" | "deleteMessages" | "sendAgain" | "sendMessages"> {
  const connect = async () => {
    const {
      ChangeMessageVisibilityCommand,
      DeleteMessageBatchCommand,
      SendMessageBatchCommand,
      SendMessageCommand,
      SQSClient,
    } = await import("@aws-sdk/client-sqs");
    const client = new SQSClient({ requestHandler, maxAttempts: 2 });
    return {
      client,
      ChangeMessageVisibilityCommand,
      DeleteMessageBatchCommand,
      SendMessageBatchCommand,
      SendMessageCommand,
    };
  };
  let connected: ReturnType<typeof connect> | undefined;
  const sqs = () => {
    connected ??= connect();
    return connected;
  };
  return {
    async changeVisibility(ReceiptHandle, VisibilityTimeout) {
      const { client, ChangeMessageVisibilityCommand } = await sqs();
      await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    },
    async sendAgain({ body, attributes, groupId, traceHeader, delaySeconds }) {
      const { client, SendMessageCommand } = await sqs();
      const command = new SendMessageCommand({
        QueueUrl,
        MessageBody: body,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, { dataType, stringValue, binaryValue }]) => [
            name,
            {
              DataType: dataType,
              ...(stringValue === undefined ? {} : { StringValue: stringValue }),
              ...(binaryValue === undefined ? {} : { BinaryValue: Buffer.from(binaryValue, "base64") }),
            },
          ]),
        ),
        ...(groupId === undefined ? {} : { MessageGroupId: groupId }),
        ...(traceHeader === undefined
          ? {}
          : {
              MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: traceHeader } },
            }),
        DelaySeconds: delaySeconds,
      });
      await client.send(command);
    },
    async deleteMessages(receiptHandles) {
      const { client, DeleteMessageBatchCommand } = await sqs();
      for (let start = 0; start < receiptHandles.length; start += deletesPerRequest) {
        const Entries = receiptHandles
          .slice(start, start + deletesPerRequest)
          .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
        const { Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
        const [first] = Failed;
        if (first !== undefined) throw new Error(`SQS did not delete ${Failed.length}: ${first.Message}`);
      }
    },
    async sendMessages(subscribersQueueUrl, messages) {
      const { client, SendMessageBatchCommand } = await sqs();
      const Entries = messages.map(({ body, groupId, deduplicationId }, index) => ({
        Id: String(index),
        MessageBody: body,
        MessageGroupId: groupId,
        ...(deduplicationId === undefined ? {} : { MessageDeduplicationId: deduplicationId }),
      }));
      const { Successful = [], Failed = [] } = await client.send(
        new SendMessageBatchCommand({ QueueUrl: subscribersQueueUrl, Entries }),
      );
      const confirmed = new Set(Successful.map(({ Id }) => Id));
      const reasons = new Map(Failed.map(({ Id, Code, Message }) => [Id, `${Code}: ${Message}`]));
      // What SQS says nothing about is not confirmed.
      const refused = Entries.filter(({ Id }) => !confirmed.has(Id));
      return new Map(refused.map(({ Id }) => [Number(Id), reasons.get(Id) ?? "no answer"]));
    },
  };
}
