import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { buildApp } from "fauxqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../../testing/eventually.js";
import { startTestCloud, type TestCloud } from "../../support/cloud.js";
import { arnOf, queue, queueWithDeadLetters, region, urlOf } from "../../support/graphs.js";

let test: TestCloud;
let sqs: SQSClient;
let work: ReturnType<typeof queue>;
let deadLetters: ReturnType<typeof queue>;
let plain: ReturnType<typeof queue>;

beforeAll(async () => {
  test = await startTestCloud((origin) => {
    [work, deadLetters] = queueWithDeadLetters("work", 1, { visibilityTimeoutSeconds: 0 }, origin);
    plain = queue("plain", { maxMessageSize: 262_144 }, origin);
    return [work, deadLetters, plain];
  });
  sqs = test.clients().sqs;
});
afterAll(() => test.close());

const all = {
  MessageSystemAttributeNames: ["All" as const],
  MessageAttributeNames: ["All"],
};

describe("SQS on this machine, through the AWS SDK", () => {
  it("carries body, attributes and trace header there and back", async () => {
    const QueueUrl = urlOf(plain);
    const sent = await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: "€😀",
        MessageAttributes: {
          text: { DataType: "String", StringValue: "ü" },
          bytes: { DataType: "Binary", BinaryValue: Uint8Array.of(0, 255) },
        },
        MessageSystemAttributes: {
          AWSTraceHeader: { DataType: "String", StringValue: "Root=1-5759e988-bd862e3fe1be46a994272793" },
        },
      }),
    );
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...all }));
    expect(Messages).toEqual([
      expect.objectContaining({
        MessageId: sent.MessageId,
        Body: "€😀",
        MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
        Attributes: expect.objectContaining({
          ApproximateReceiveCount: "1",
          AWSTraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793",
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
        }),
      }),
    ]);
    expect(Messages[0]?.MessageAttributes?.bytes?.BinaryValue).toEqual(Uint8Array.of(0, 255));
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle }));
  });

  it("holds a long poll until a message arrives", async () => {
    const QueueUrl = urlOf(plain);
    const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "at last" }));
    const { Messages = [] } = await waiting;
    expect(Messages.map(({ Body }) => Body)).toEqual(["at last"]);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle }));
  });

  it("answers with the limits that the program set", async () => {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: urlOf(plain), AttributeNames: ["All"] }),
    );
    expect(Attributes).toMatchObject({ MaximumMessageSize: "262144", VisibilityTimeout: "30" });
    await expect(
      sqs.send(new SendMessageCommand({ QueueUrl: urlOf(plain), MessageBody: "x".repeat(262_145) })),
    ).rejects.toMatchObject({ name: "InvalidParameterValue" });
  });

  it("names its refusals as the SDK knows them", async () => {
    const QueueUrl = `${test.origin}/000000000000/nowhere`;
    await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "a" }))).rejects.toMatchObject({
      name: "QueueDoesNotExist",
    });
    await expect(
      sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: urlOf(plain),
          ReceiptHandle: "nonsense",
          VisibilityTimeout: 1,
        }),
      ),
    ).rejects.toMatchObject({ name: "ReceiptHandleIsInvalid" });
  });

  it("fails the bad entry of a batch and takes the others", async () => {
    const { Successful, Failed } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: urlOf(deadLetters),
        Entries: [
          { Id: "good", MessageBody: "a" },
          { Id: "bad", MessageBody: "\u0000" },
        ],
      }),
    );
    expect(Successful?.map(({ Id }) => Id)).toEqual(["good"]);
    expect(Failed).toEqual([expect.objectContaining({ Id: "bad", Code: "InvalidMessageContents" })]);
    await test.cloud.sqs.handle("PurgeQueue", { QueueUrl: urlOf(deadLetters) });
  });
});

describe("redrive of a dead-letter queue", () => {
  it("sends each message back to where it came from, as a new message", async () => {
    const QueueUrl = urlOf(work);
    const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "again" }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(test.cloud.sqs.queueByArn(arnOf(deadLetters))?.peek()).toHaveLength(1);

    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf(deadLetters) }));
    const [task] = await eventually("the move to end", async () => {
      const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arnOf(deadLetters) }));
      return Results?.[0]?.Status === "COMPLETED" ? Results : undefined;
    });
    expect(task).toMatchObject({ ApproximateNumberOfMessagesMoved: 1 });
    expect(task?.TaskHandle).toBeUndefined();

    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...all }));
    expect(Messages).toEqual([
      expect.objectContaining({
        Body: "again",
        MessageId: expect.not.stringMatching(String(MessageId)),
        Attributes: expect.objectContaining({ ApproximateReceiveCount: "1" }),
      }),
    ]);
  });

  it("loses nothing when it cannot tell where a message came from", async () => {
    test.cloud.sqs.queueByArn(arnOf(deadLetters))?.purge();
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf(deadLetters), MessageBody: "stray" }));
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf(deadLetters) }));
    const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arnOf(deadLetters) }));
    expect(Results?.[0]).toMatchObject({
      Status: "FAILED",
      FailureReason: "CouldNotDetermineMessageSource",
    });
    expect(test.cloud.sqs.queueByArn(arnOf(deadLetters))?.peek()).toHaveLength(1);
  });

  it("refuses a queue that is nobody's dead-letter queue", async () => {
    await expect(
      sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf(plain) })),
    ).rejects.toMatchObject({ message: "Source queue must be configured as a Dead Letter Queue." });
  });
});

describe("agreement with fauxqs, where fauxqs does as SQS does", () => {
  it("answers the same calls with the same members and digests", async () => {
    const app = buildApp({ logger: false });
    await app.listen({ port: 0, host: "127.0.0.1" });
    const address = app.server.address();
    const endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const other = new SQSClient({
      region,
      endpoint,
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
    });
    try {
      await app.inject({
        method: "POST",
        url: "/",
        headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.CreateQueue" },
        payload: JSON.stringify({ QueueName: "plain" }),
      });
      const theirs = await conversation(other, `${endpoint}/000000000000/plain`);
      const ours = await conversation(sqs, urlOf(plain));
      expect(ours).toEqual(theirs);
    } finally {
      other.destroy();
      await app.close();
    }
  });
});

/** A few calls, their answers without what differs from run to run. */
async function conversation(client: SQSClient, QueueUrl: string): Promise<unknown> {
  const sent = await client.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: "a & b = ü",
      MessageAttributes: {
        second: { DataType: "Number.int", StringValue: "7" },
        first: { DataType: "String", StringValue: "€" },
      },
    }),
  );
  const received = await client.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ["All"] }));
  const [message] = received.Messages ?? [];
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
  const empty = await client.send(new ReceiveMessageCommand({ QueueUrl }));
  return {
    digests: [sent.MD5OfMessageBody, sent.MD5OfMessageAttributes],
    sameId: sent.MessageId === message?.MessageId,
    body: message?.Body,
    bodyDigest: message?.MD5OfBody,
    attributes: message?.MessageAttributes,
    attributesDigest: message?.MD5OfMessageAttributes,
    left: empty.Messages,
  };
}
