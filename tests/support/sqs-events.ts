import { createHash, randomUUID } from "node:crypto";
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { type Envelope, encodeEnvelope } from "../../runtime/envelope/envelope.js";

/** A webhook as the gateway would have taken it, with changes. */
export function envelopeOf(changes: Partial<Envelope> = {}): Envelope {
  return {
    source: "github",
    bodyEncoding: "bytes",
    requestId: "JKJaXFPLrQHFoBA=",
    receivedAt: 1_767_225_600_000,
    sourceIp: "140.82.115.1",
    method: "POST",
    path: "/live/webhooks/github",
    headers: [
      ["Content-Type", "application/json"],
      ["X-GitHub-Event", "issues"],
      ["X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"],
    ],
    query: [],
    body: Buffer.from('{"action":"opened"}'),
    ...changes,
  };
}

/** Where a record comes from, and how often it did. */
export interface RecordOptions {
  readonly messageId?: string;
  readonly receiveCount?: number;
  /** Message group; standard queues have them too. */
  readonly group?: string;
  readonly fifo?: boolean;
}

/** A record as Lambda hands it over, with the fields that real events have. */
export function sqsRecord(body: string | Envelope, options: RecordOptions = {}): SQSRecord {
  const { messageId = randomUUID(), receiveCount = 1, group, fifo = false } = options;
  const text = typeof body === "string" ? body : encodeEnvelope(body);
  return {
    messageId,
    receiptHandle: `handle of ${messageId}`,
    body: text,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: "1767225600123",
      SenderId: "AROAEXAMPLE:BackplaneAssumeRoleSession",
      ApproximateFirstReceiveTimestamp: "1767225600456",
      ...(group === undefined ? {} : { MessageGroupId: group }),
      ...(fifo ? { SequenceNumber: "18849496460467696128", MessageDeduplicationId: messageId } : {}),
    },
    messageAttributes: {},
    md5OfBody: createHash("md5").update(text).digest("hex"),
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:eu-west-1:123456789012:webhooks${fifo ? ".fifo" : ""}`,
    awsRegion: "eu-west-1",
  };
}

/** A batch of records. */
export function sqsEvent(...records: SQSRecord[]): SQSEvent {
  return { Records: records };
}

/** Lambda's context for an invocation that has this much time left, at the start or at each call. */
export function lambdaContext(remainingMilliseconds: number | (() => number) = 30_000): Context {
  const startedAt = Date.now();
  const remaining =
    typeof remainingMilliseconds === "function"
      ? remainingMilliseconds
      : () => remainingMilliseconds - (Date.now() - startedAt);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: "webhooks-processor",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:webhooks-processor",
    memoryLimitInMB: "512",
    awsRequestId: "5b0f5b3a-2f1c-4f57-9a55-6c1d1f0a7c11",
    logGroupName: "/aws/lambda/webhooks-processor",
    logStreamName: "2026/01/01/[$LATEST]0123456789abcdef",
    getRemainingTimeInMillis: remaining,
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}
