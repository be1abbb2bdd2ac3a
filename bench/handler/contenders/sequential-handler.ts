/**
 * The handler of a tutorial: one record after the other, each parsed, verified and put into the table. It is the
 * reference for what processing a batch concurrently saves.
 *
 * Its choices, all of them in its favour:
 * - No idempotency: one request to DynamoDB per webhook, the smallest possible number. A repeated webhook is handled
 *   again.
 * - The secret is an environment variable, so that nothing is fetched.
 * - The body is kept as text, which is what people usually write, and cheaper to send than base64.
 * - One log line per webhook, and no metrics.
 * - It fills the same index of the same table as the others, so that its history can be listed by source and time.
 * - It reports single failures, the minimum that a batch needs (AWS fact 4.4).
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { SQSBatchItemFailure, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { type PeerMessage, peerVariable } from "./peer-message.js";

const table = peerVariable("historyTable");
const secret = peerVariable("githubSecret");
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

export const handler = async (event: SQSEvent): Promise<SQSBatchResponse> => {
  const batchItemFailures: SQSBatchItemFailure[] = [];
  for (const record of event.Records) {
    try {
      await work(record);
    } catch (error) {
      console.log(JSON.stringify({ messageId: record.messageId, error: String(error) }));
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
};

async function work(record: SQSRecord): Promise<void> {
  const message = JSON.parse(record.body) as PeerMessage;
  const body = Buffer.from(message.body, "base64");
  const deliveryId = message.headers["x-github-delivery"] ?? "";

  const genuine = isGenuine(body, message.headers["x-hub-signature-256"] ?? "");
  const status = genuine ? handle(message.headers["x-github-event"] ?? "", body) : "rejected";
  const id = genuine ? deliveryId : `rejected:${message.requestId}`;
  await client.send(
    new PutCommand({
      TableName: table,
      Item: {
        webhook_id: `github/${id}`,
        source: "github",
        event_id: id,
        request_id: message.requestId,
        received_at: message.receivedAt,
        source_day: `github#${new Date(message.receivedAt).toISOString().slice(0, 10)}`,
        status,
        expires_at: Math.floor(Date.now() / 1000) + 60 * 86_400,
        headers: message.headers,
        body: body.toString("utf8"),
      },
    }),
  );
  console.log(JSON.stringify({ message: "webhook", webhookId: id, status }));
}

function handle(event: string, body: Buffer): "processed" | "ignored" | "invalid" {
  if (event === "ping") return "ignored";
  try {
    const payload: unknown = JSON.parse(body.toString("utf8"));
    return typeof payload === "object" && payload !== null ? "processed" : "invalid";
  } catch {
    return "invalid";
  }
}

function isGenuine(body: Buffer, signature: string): boolean {
  const expected = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
