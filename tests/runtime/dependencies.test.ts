import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { listenOnLoopback } from "local-aws";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { awsDependencies } from "../../runtime/dependencies.js";
import { createHandler } from "../../runtime/handler.js";
import { s3Overflow } from "../../runtime/payload/s3-overflow.js";
import { type LocalHistoryTable, startHistoryTable } from "../support/dynamodb.js";
import { definition, githubSecret, githubWebhook } from "../support/processor.js";
import { lambdaContext, sqsEvent, sqsRecord } from "../support/sqs-events.js";

/** SQS and Secrets Manager as far as the function calls them, answering by their JSON protocol. */
let close: () => Promise<void>;
let calls: { target: string; input: Record<string, unknown> }[];
let secret: string | undefined;
let database: LocalHistoryTable;
/** What SQS answers. */
let answer: Record<string, unknown>;
/** What went to standard output. */
let written: string[];

beforeEach(async () => {
  written = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
  calls = [];
  answer = {};
  secret = githubSecret;
  database = await startHistoryTable();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const target = String(request.headers["x-amz-target"]);
    calls.push({ target, input: JSON.parse(Buffer.concat(chunks).toString()) });
    const missing = target.endsWith("GetSecretValue") && secret === undefined;
    response.writeHead(missing ? 400 : 200, { "content-type": "application/x-amz-json-1.1" });
    response.end(
      missing
        ? '{"__type":"ResourceNotFoundException","Message":"Secrets Manager can\'t find the specified secret value"}'
        : JSON.stringify(target.endsWith("GetSecretValue") ? { SecretString: secret } : answer),
    );
  });
  const listening = await listenOnLoopback(server);
  const endpoint = listening.origin;
  close = listening.close;

  const variables = {
    WEBHOOK_QUEUE_URL: `${endpoint}/000000000000/webhooks`,
    WEBHOOK_HISTORY_TABLE: database.table,
    WEBHOOK_LOG_LEVEL: "ERROR",
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_SQS: endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: database.endpoint,
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await close();
  await database.stop();
});

describe("awsDependencies", () => {
  it("carry a webhook through with nothing but the function's environment", async () => {
    const handler = createHandler({ ...definition, secretNames: { github: "webhooks/github" } }, {});
    const response = await handler(sqsEvent(sqsRecord(await githubWebhook("real-wiring"))), lambdaContext());

    expect(response).toEqual({ batchItemFailures: [] });
    expect(await database.item("github/real-wiring")).toMatchObject({ status: "processed" });
    expect(written.map((line) => JSON.parse(line))).toMatchObject([
      { FunctionName: "webhooks-processor", Processed: 1 },
    ]);
    expect(calls).toEqual([
      { target: "secretsmanager.GetSecretValue", input: { SecretId: "webhooks/github" } },
    ]);
  });

  it("take a secret without a value for one that waits to be set, and delay the webhook", async () => {
    secret = undefined;
    const handler = createHandler({ ...definition, secretNames: { github: "webhooks/github" } }, {});
    const record = sqsRecord(await githubWebhook("no-secret"), { messageId: "m-1" });
    const response = await handler(sqsEvent(record), lambdaContext());

    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "m-1" }] });
    expect(written.join("")).toContain("secret webhooks/github has no value: set it with aws secretsmanager");
    expect(calls.at(-1)).toEqual({
      target: "AmazonSQS.ChangeMessageVisibility",
      input: {
        QueueUrl: process.env.WEBHOOK_QUEUE_URL,
        ReceiptHandle: record.receiptHandle,
        VisibilityTimeout: expect.any(Number),
      },
    });
  });

  it("delete messages ten at a time, as many as SQS takes", async () => {
    const { deleteMessages } = awsDependencies(definition);
    await deleteMessages(Array.from({ length: 23 }, (_, index) => `handle ${index}`));

    const entries = calls.map(({ input }) => input.Entries as { Id: string; ReceiptHandle: string }[]);
    expect(calls[0]).toMatchObject({
      target: "AmazonSQS.DeleteMessageBatch",
      input: { QueueUrl: process.env.WEBHOOK_QUEUE_URL },
    });
    expect(entries.map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(entries.flat().map(({ ReceiptHandle }) => ReceiptHandle)).toEqual(
      Array.from({ length: 23 }, (_, index) => `handle ${index}`),
    );
    for (const batch of entries) expect(new Set(batch.map(({ Id }) => Id)).size).toBe(batch.length);
  });

  it("tell of messages that SQS did not delete", async () => {
    answer = { Failed: [{ Id: "0", Code: "Internal", SenderFault: false, Message: "try again" }] };
    await expect(awsDependencies(definition).deleteMessages(["handle"])).rejects.toThrow("try again");
  });

  it("put messages into another queue in one request, and tell which SQS did not confirm", async () => {
    const QueueUrl = `${process.env.WEBHOOK_QUEUE_URL}_billing.fifo`;
    const md5 = (text: string) => createHash("md5").update(text).digest("hex");
    answer = {
      Successful: [{ Id: "0", MessageId: "m-0", MD5OfMessageBody: md5("first") }],
      Failed: [{ Id: "1", Code: "InternalError", SenderFault: false, Message: "try again" }],
    };
    const refused = await awsDependencies(definition).sendMessages(QueueUrl, [
      { body: "first", groupId: "g", deduplicationId: "d-0" },
      { body: "second", groupId: "g", deduplicationId: "d-1" },
      { body: "third", groupId: "g" },
    ]);

    expect([...refused]).toEqual([
      [1, "InternalError: try again"],
      [2, "no answer"],
    ]);
    expect(calls).toEqual([
      {
        target: "AmazonSQS.SendMessageBatch",
        input: {
          QueueUrl,
          Entries: [
            { Id: "0", MessageBody: "first", MessageGroupId: "g", MessageDeduplicationId: "d-0" },
            { Id: "1", MessageBody: "second", MessageGroupId: "g", MessageDeduplicationId: "d-1" },
            { Id: "2", MessageBody: "third", MessageGroupId: "g" },
          ],
        },
      },
    ]);
  });

  it("send a message again with all that it has", async () => {
    const { sendAgain } = awsDependencies(definition);
    answer = { MessageId: "m-1", MD5OfMessageBody: createHash("md5").update("body").digest("hex") };
    const lists = { stringListValues: [], binaryListValues: [] };
    await sendAgain?.({
      body: "body",
      attributes: {
        webhook: { dataType: "String", stringValue: "2 …", ...lists },
        bytes: { dataType: "Binary", binaryValue: Buffer.from([0, 255]).toString("base64"), ...lists },
      },
      groupId: "crm",
      traceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793",
      delaySeconds: 13,
    });

    expect(calls).toMatchObject([
      {
        target: "AmazonSQS.SendMessage",
        input: {
          MessageBody: "body",
          MessageAttributes: {
            webhook: { DataType: "String", StringValue: "2 …" },
            bytes: { DataType: "Binary", BinaryValue: "AP8=" },
          },
          MessageSystemAttributes: {
            AWSTraceHeader: { DataType: "String", StringValue: "Root=1-5759e988-bd862e3fe1be46a994272793" },
          },
          MessageGroupId: "crm",
          DelaySeconds: 13,
        },
      },
    ]);
  });

  it("refuse an overflow bucket whose client was not bundled, instead of leaving large payloads out", () => {
    vi.stubEnv("WEBHOOK_OVERFLOW_BUCKET", "large");
    expect(() => awsDependencies(definition)).toThrow(/WEBHOOK_OVERFLOW_BUCKET is set, but .* deploy/);
    expect(awsDependencies({ ...definition, openOverflow: s3Overflow }).overflow).toBeDefined();
  });

  it("use the machine's clock, chance and standard output", () => {
    const { clock, random, logLevel } = awsDependencies(definition);
    expect(Math.abs(clock() - Date.now())).toBeLessThan(1_000);
    expect(random()).toBeLessThan(1);
    expect(logLevel).toBe("ERROR");
  });
});
