import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { ProcessorDefinition } from "./definition.js";
import { type LogLevel, readEnvironment } from "./environment.js";
import { createHistory, type History } from "./history.js";
import { type WriteLine, writeToStdout } from "./log.js";
import type { OverflowStore } from "./overflow.js";
import type { ChangeVisibility } from "./redelivery.js";
import { s3Overflow } from "./s3-overflow.js";
import { createSecrets, type Secrets, secretsManagerFetch } from "./secrets.js";

/** Everything outside the function that it talks to. */
export interface Dependencies {
  readonly history: History;
  readonly secrets: Secrets;
  readonly changeVisibility: ChangeVisibility;
  /** Where payloads go that are too large for the history's items; absent: nowhere. */
  readonly overflow?: OverflowStore;
  /** Now, in epoch milliseconds. */
  readonly clock: () => number;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly writeLine: WriteLine;
  readonly logLevel: LogLevel;
}

/**
 * The SDK waits for ever by default, and a call that hangs would hold up a whole batch. DynamoDB answers within
 * milliseconds; what takes this long is lost, and better tried again.
 */
const requestHandler = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };

/** S3 takes a little longer over up to 1 MB. */
const overflowRequestHandler = { ...requestHandler, requestTimeout: 5_000 };

/**
 * The real ones, named by the function's environment.
 *
 * Each webhook needs DynamoDB, so that client is made at once; those for SQS, Secrets Manager and S3 are loaded by
 * their first use, to keep them out of cold starts.
 */
export function awsDependencies(definition: ProcessorDefinition): Dependencies {
  const environment = readEnvironment(process.env);
  const { overflowBucket } = environment;
  const clock = Date.now;
  return {
    history: createHistory({
      client: new DynamoDBClient({ requestHandler }),
      table: environment.historyTable,
      timeoutSeconds: definition.timeoutSeconds,
      ttlDays: definition.historyTtlDays,
      clock,
    }),
    secrets: createSecrets({ names: environment.secretNames, fetchSecret: secretsManagerFetch(), clock }),
    changeVisibility: sqsChangeVisibility(environment.queueUrl),
    ...(overflowBucket === undefined ? {} : { overflow: s3Overflow(overflowBucket, overflowRequestHandler) }),
    clock,
    random: Math.random,
    writeLine: writeToStdout,
    logLevel: environment.logLevel,
  };
}

function sqsChangeVisibility(queueUrl: string): ChangeVisibility {
  const connect = async (): Promise<ChangeVisibility> => {
    const { ChangeMessageVisibilityCommand, SQSClient } = await import("@aws-sdk/client-sqs");
    const client = new SQSClient({ requestHandler, maxAttempts: 2 });
    return async (receiptHandle, seconds) => {
      await client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }),
      );
    };
  };
  let connected: Promise<ChangeVisibility> | undefined;
  return async (receiptHandle, seconds) => {
    connected ??= connect();
    const change = await connected;
    return change(receiptHandle, seconds);
  };
}
