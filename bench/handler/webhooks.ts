import { createHash, randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { sign } from "@octokit/webhooks-methods";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { encodeEnvelope } from "../../runtime/envelope/envelope.js";
import type { PeerMessage } from "./contenders/peer-message.js";

/** The secret that signs the benchmark's webhooks. */
export const githubSecret = "It's a Secret to Everybody";

/** A webhook as GitHub sends it, without the values that differ between deliveries. */
export interface SignedWebhook {
  readonly event: string;
  readonly body: Buffer;
  /** X-Hub-Signature-256. */
  readonly signature: string;
}

/** A webhook that the gateway has received. */
export interface Delivery extends SignedWebhook {
  readonly deliveryId: string;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** The form in which a handler gets its queue messages. */
export type MessageWriter = (delivery: Delivery) => string;

/** The package is one JSON file. Its types describe a default export that it does not have. */
const examples = createRequire(import.meta.url)("@octokit/webhooks-examples") as {
  readonly name: string;
  readonly examples: readonly object[];
}[];

/** Every example payload that GitHub publishes, signed. */
export function githubCorpus(): Promise<SignedWebhook[]> {
  const webhooks = examples.flatMap(({ name, examples: payloads }) =>
    payloads.map((payload) => ({ event: name, body: Buffer.from(JSON.stringify(payload)) })),
  );
  return Promise.all(webhooks.map(({ event, body }) => signedWebhook(event, body)));
}

export async function signedWebhook(event: string, body: Buffer): Promise<SignedWebhook> {
  return { event, body, signature: await sign(githubSecret, body.toString("utf8")) };
}

/** A new delivery, which no handler has seen. */
export function deliver(webhook: SignedWebhook): Delivery {
  return { ...webhook, deliveryId: randomUUID(), requestId: randomUUID(), receivedAt: Date.now() };
}

/** The pipeline's own message. */
export const envelopeMessage: MessageWriter = (delivery) =>
  encodeEnvelope({
    source: "github",
    bodyEncoding: "bytes",
    requestId: delivery.requestId,
    receivedAt: delivery.receivedAt,
    sourceIp: "140.82.115.1",
    method: "POST",
    path: "/v1/webhooks/github",
    headers: headersOf(delivery),
    query: [],
    body: delivery.body,
  });

export const peerMessage: MessageWriter = (delivery) => {
  const message: PeerMessage = {
    requestId: delivery.requestId,
    receivedAt: delivery.receivedAt,
    headers: Object.fromEntries(headersOf(delivery).map(([name, value]) => [name.toLowerCase(), value])),
    body: delivery.body.toString("base64"),
  };
  return JSON.stringify(message);
};

/** The event with which Lambda passes a batch of messages to a function. */
export function batchEvent(messages: readonly string[]): SQSEvent {
  return { Records: messages.map(sqsRecord) };
}

/** A record with the fields that real events have. */
function sqsRecord(body: string): SQSRecord {
  const messageId = randomUUID();
  const now = String(Date.now());
  return {
    messageId,
    receiptHandle: `handle of ${messageId}`,
    body,
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: now,
      SenderId: "AROAEXAMPLE:BackplaneAssumeRoleSession",
      ApproximateFirstReceiveTimestamp: now,
    },
    messageAttributes: {},
    md5OfBody: createHash("md5").update(body).digest("hex"),
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-west-1:000000000000:webhooks",
    awsRegion: "eu-west-1",
  };
}

/**
 * GitHub's headers and those that API Gateway adds.
 * docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers
 */
function headersOf({ event, deliveryId, signature, body }: Delivery): [string, string][] {
  return [
    ["Accept", "*/*"],
    ["Content-Type", "application/json"],
    ["Host", "abcdefghij.execute-api.eu-west-1.amazonaws.com"],
    ["User-Agent", "GitHub-Hookshot/044aadd"],
    ["X-Amzn-Trace-Id", `Root=1-${deliveryId.slice(0, 8)}-${deliveryId.replaceAll("-", "").slice(8)}`],
    ["X-Forwarded-For", "140.82.115.1"],
    ["X-Forwarded-Port", "443"],
    ["X-Forwarded-Proto", "https"],
    ["X-GitHub-Delivery", deliveryId],
    ["X-GitHub-Event", event],
    ["X-GitHub-Hook-ID", "292430182"],
    ["X-GitHub-Hook-Installation-Target-ID", "79929171"],
    ["X-GitHub-Hook-Installation-Target-Type", "repository"],
    ["X-Hub-Signature-256", signature],
    ["Content-Length", String(body.length)],
  ];
}
