/**
 * The handler as Powertools for AWS Lambda recommends it, with `BatchProcessor`, `makeIdempotent`, the parser, `Logger`
 * and `Metrics`. It follows docs.aws.amazon.com/powertools/typescript/latest/features/batch/ and …/idempotency/.
 *
 * Its choices:
 * - All records are processed at the same time, `BatchProcessor`'s default.
 * - The schema is built once. The shorter `innerSchema` would build it anew for each record.
 * - Idempotency is by GitHub's delivery id, which every redelivery has. The documentation's example uses the message
 *   id, which differs when the sender repeats a webhook. The signature is checked first, so that a forgery cannot use
 *   up an id.
 * - `makeIdempotent` stores one word as the result, so the idempotency records stay below 1 KB.
 * - There is no local cache: it would help only with repetitions, and no timed webhook is one.
 * - Idempotency records have a separate table, as documented. The history is a separate put in the idempotent function,
 *   so that it is written once. Powertools cannot write both at once.
 * - The history is written with the document client and the body as text: a quarter less to send than base64, and no
 *   CPU time for compression. docs/benchmarks.md has the figures with compression.
 * - Both tables share one client and its connections.
 * - The secret is an environment variable, so that nothing is fetched.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { parser } from "@aws-lambda-powertools/batch/parser";
import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { JSONStringified } from "@aws-lambda-powertools/parser/helpers";
import { SqsRecordSchema } from "@aws-lambda-powertools/parser/schemas/sqs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { z } from "zod";
import { peerVariable } from "./peer-message.js";

const historyDays = 60;

const messageSchema = z.object({
  requestId: z.string(),
  receivedAt: z.number().int().positive(),
  headers: z.record(z.string(), z.string()),
  body: z.base64(),
});
const recordSchema = SqsRecordSchema.extend({ body: JSONStringified(messageSchema) });
const payloadSchema = JSONStringified(
  z.object({ action: z.string().optional(), repository: z.object({ full_name: z.string() }).optional() }),
);

type Message = z.infer<typeof messageSchema>;
type Status = "processed" | "ignored" | "invalid" | "rejected";

const historyTable = peerVariable("historyTable");
const secret = peerVariable("githubSecret");
const client = new DynamoDBClient({});
const documents = DynamoDBDocumentClient.from(client);
const logger = new Logger({ serviceName: "webhooks" });
const metrics = new Metrics({ namespace: "Webhooks", serviceName: "webhooks" });
const processor = new BatchProcessor(EventType.SQS, { parser, schema: recordSchema, logger });
const idempotency = new IdempotencyConfig({
  eventKeyJmesPath: 'headers."x-github-delivery"',
  throwOnNoIdempotencyKey: true,
  expiresAfterSeconds: historyDays * 86_400,
});

const workOnce = makeIdempotent(work, {
  persistenceStore: new DynamoDBPersistenceLayer({
    tableName: peerVariable("idempotencyTable"),
    awsSdkV3Client: client,
  }),
  config: idempotency,
});

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  idempotency.registerLambdaContext(context);
  logger.addContext(context);
  try {
    // A batch in which everything fails is answered like any other, so that the function's errors are only real ones.
    return await processPartialResponse(event, handleRecord, processor, {
      context,
      throwOnFullBatchFailure: false,
    });
  } finally {
    metrics.publishStoredMetrics();
  }
};

async function handleRecord({ body: message }: z.infer<typeof recordSchema>): Promise<void> {
  const body = Buffer.from(message.body, "base64");
  const genuine = isGenuine(body, message.headers["x-hub-signature-256"] ?? "");
  const { status } = genuine ? await workOnce(message) : await reject(message, body);

  metrics.addMetric(status, MetricUnit.Count, 1);
  metrics.addMetric("latency", MetricUnit.Milliseconds, Date.now() - message.receivedAt);
  logger.info("webhook", { webhookId: message.headers["x-github-delivery"], status });
}

async function work(message: Message): Promise<{ status: Status }> {
  const body = Buffer.from(message.body, "base64");
  const status = handle(message, body);
  await keep(message, message.headers["x-github-delivery"] ?? "", status, body);
  return { status };
}

async function reject(message: Message, body: Buffer): Promise<{ status: Status }> {
  await keep(message, `rejected:${message.requestId}`, "rejected", body);
  return { status: "rejected" };
}

function handle({ headers }: Message, body: Buffer): Status {
  const event = headers["x-github-event"];
  if (event === "ping") return "ignored";
  const payload = payloadSchema.safeParse(body.toString("utf8"));
  if (!payload.success) return "invalid";
  const { action, repository } = payload.data;
  logger.info("github event", { event, action, repository: repository?.full_name });
  return "processed";
}

async function keep(message: Message, eventId: string, status: Status, body: Buffer): Promise<void> {
  await documents.send(
    new PutCommand({
      TableName: historyTable,
      Item: {
        webhook_id: `github/${eventId}`,
        source: "github",
        event_id: eventId,
        request_id: message.requestId,
        received_at: message.receivedAt,
        source_day: `github#${new Date(message.receivedAt).toISOString().slice(0, 10)}`,
        status,
        expires_at: Math.floor(Date.now() / 1000) + historyDays * 86_400,
        headers: message.headers,
        body: body.toString("utf8"),
      },
    }),
  );
}

function isGenuine(body: Buffer, signature: string): boolean {
  const expected = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
