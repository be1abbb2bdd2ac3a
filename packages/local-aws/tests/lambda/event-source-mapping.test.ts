import type { SQSEvent } from "aws-lambda";
import { afterEach, describe, expect, it } from "vitest";
import type { GraphResource } from "../../program/graph.js";
import { eventually } from "../../testing/eventually.js";
import { startTestFunctions, type TestFunctions } from "../support/functions.js";
import {
  arnOf,
  consumerStatements,
  lambdaFunction,
  mapping,
  queueWithDeadLetters,
  role,
  urlOf,
} from "../support/graphs.js";

let test: TestFunctions;
let source: GraphResource;
let deadLetters: GraphResource;
let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stop?.();
  stop = undefined;
});

interface Settings {
  readonly maxReceiveCount?: number;
  readonly queue?: Record<string, unknown>;
  readonly function?: Record<string, unknown>;
  readonly mapping?: Record<string, unknown>;
}

/** Logs each event as a line of JSON before the handler does its work. */
async function start(handlerBody: string, settings: Settings = {}): Promise<void> {
  const { maxReceiveCount = 3 } = settings;
  test = await startTestFunctions((origin) => {
    const queueInputs = { visibilityTimeoutSeconds: 1, ...settings.queue };
    [source, deadLetters] = queueWithDeadLetters("work", maxReceiveCount, queueInputs, origin);
    const code = `export const handler = async (event, context) => {
      process.stdout.write(JSON.stringify({ event, context }) + "\\n");
      ${handlerBody}
    };`;
    const consumer = lambdaFunction("consumer", "arn:aws:iam::000000000000:role/consumer", code, {
      timeout: 1,
      ...settings.function,
    });
    return [
      source,
      deadLetters,
      ...role("consumer", "lambda.amazonaws.com", ...consumerStatements(source)),
      consumer,
      mapping(source, consumer, settings.mapping),
    ];
  });
  stop = test.stop;
}

const events = () => test.records<{ event: SQSEvent }>().map(({ event }) => event);
const deliveries = () => events().flatMap(({ Records }) => Records.map(({ body }) => body));
const left = () => test.cloud.sqs.queueByArn(arnOf(source))?.peek() ?? [];
const dead = () => test.cloud.sqs.queueByArn(arnOf(deadLetters))?.peek() ?? [];

describe("an event source mapping", () => {
  it("hands the function a record in exactly Lambda's shape, and deletes it on success", async () => {
    await start("");
    await test.cloud.sqs.handle("SendMessage", {
      QueueUrl: urlOf(source),
      MessageBody: "hello",
      MessageGroupId: "github",
      MessageAttributes: {
        a: { DataType: "String", StringValue: "x" },
        b: { DataType: "Binary", BinaryValue: "AP8=" },
      },
    });
    const [event] = await eventually("an event", () => (events().length > 0 ? events() : undefined));
    expect(event).toEqual({
      Records: [
        {
          messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          receiptHandle: expect.any(String),
          body: "hello",
          attributes: {
            ApproximateReceiveCount: "1",
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: expect.any(String),
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
            MessageGroupId: "github",
          },
          messageAttributes: {
            a: { stringValue: "x", stringListValues: [], binaryListValues: [], dataType: "String" },
            b: { binaryValue: "AP8=", stringListValues: [], binaryListValues: [], dataType: "Binary" },
          },
          md5OfBody: "5d41402abc4b2a76b9719d911017c592",
          md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
          eventSource: "aws:sqs",
          eventSourceARN: arnOf(source),
          awsRegion: "us-east-1",
        },
      ],
    });
    await eventually("the message to be deleted", () => left().length === 0);
  });

  it("retries only what the function names, after the visibility timeout, then moves it to the dead-letter queue", async () => {
    await start(
      `return { batchItemFailures: event.Records.filter(({ body }) => body === "bad").map(({ messageId }) => ({ itemIdentifier: messageId })) };`,
      { maxReceiveCount: 2 },
    );
    const startedAt = Date.now();
    await test.send(urlOf(source), "good", "bad", "fine");
    await eventually("the dead letter", () => dead().length === 1);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(2_000);
    expect(deliveries().filter((body) => body === "bad")).toHaveLength(2);
    expect(
      deliveries()
        .filter((body) => body !== "bad")
        .sort(),
    ).toEqual(["fine", "good"]);
    expect(dead()[0]).toMatchObject({ body: "bad", receiveCount: 2, deadLetterSourceArn: arnOf(source) });
    expect(left()).toEqual([]);
  });

  it("retries the whole batch when the function throws", async () => {
    await start(`throw new Error("boom");`, { maxReceiveCount: 1 });
    await test.send(urlOf(source), "a", "b");
    await eventually("the dead letters", () => dead().length === 2);
    expect(test.logs.some(({ line }) => line.includes("Error: boom"))).toBe(true);
  });

  it("deletes the whole batch when a response is forgotten, as AWS would", async () => {
    await start("return { batchItemFailures: undefined };");
    await test.send(urlOf(source), "a");
    await eventually("a delivery and a deletion", () => deliveries().length === 1 && left().length === 0);
    expect(dead()).toEqual([]);
  });

  it("ignores the list where the mapping does not ask for it", async () => {
    await start(
      "return { batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };",
      { mapping: { functionResponseTypes: [] } },
    );
    await test.send(urlOf(source), "a");
    await eventually("a deletion", () => deliveries().length === 1 && left().length === 0);
  });

  it("gathers a batch for as long as its window", async () => {
    await start("", {
      mapping: { batchSize: 20, maximumBatchingWindowInSeconds: 1, scalingConfig: { maximumConcurrency: 2 } },
    });
    await test.send(urlOf(source), ...Array.from({ length: 12 }, (_, index) => `m${index}`));
    await eventually("all twelve", () => deliveries().length === 12);
    expect(events().length).toBeLessThanOrEqual(2);
  });

  it("does not hand over more than 6 MB at once, and loses nothing of the rest", async () => {
    await start("", {
      function: { timeout: 25, memorySize: 512 },
      queue: { visibilityTimeoutSeconds: 30 },
      // A window, so that a batch waits until it is full.
      mapping: { batchSize: 20, maximumBatchingWindowInSeconds: 3, scalingConfig: { maximumConcurrency: 2 } },
    });
    for (let index = 0; index < 16; index++)
      await test.send(urlOf(source), `${index}${"x".repeat(1_000_000)}`);
    await eventually("all of them", () => deliveries().length === 16, 30_000);
    const sizes = events().map((event) => Buffer.byteLength(JSON.stringify(event)));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(6 * 1024 * 1024);
    expect(Math.max(...sizes)).toBeGreaterThan(5_000_000);
    await eventually("their deletion", () => left().length === 0);
  });

  it("keeps a FIFO group in order, even after a failed message, and gives a group's messages in one batch", async () => {
    await start(
      `const failed = event.Records.findIndex(({ body, attributes }) => body === "a1" && attributes.ApproximateReceiveCount === "1");
       return { batchItemFailures: failed === -1 ? [] : event.Records.slice(failed).map(({ messageId }) => ({ itemIdentifier: messageId })) };`,
      { queue: { fifoQueue: true } },
    );
    await test.send(urlOf(source), "a1", "a2", "a3");
    await eventually("the queue to be empty", () => left().length === 0);
    const order = deliveries();
    expect(order.slice(order.lastIndexOf("a1"))).toEqual(["a1", "a2", "a3"]);
    expect(events().some(({ Records }) => Records.length > 1)).toBe(true);
  });

  it("tries a throttled batch again while its messages are hidden, and counts the throttles", async () => {
    await start("await new Promise((resolve) => setTimeout(resolve, 600));", {
      mapping: { batchSize: 1 },
      function: { reservedConcurrentExecutions: 1 },
      queue: { visibilityTimeoutSeconds: 10 },
    });
    await test.send(urlOf(source), "a", "b");
    await eventually("both", () => left().length === 0);
    expect([...deliveries()].sort()).toEqual(["a", "b"]);
    const throttles = {
      namespace: "AWS/Lambda",
      name: "Throttles",
      dimensions: { FunctionName: "consumer" },
    };
    expect(test.metrics.values(throttles, 0, Date.now() + 1).length).toBeGreaterThan(0);
  });
});

describe("the log of a function whose role may not write it", () => {
  it("is lost with the metrics in it, as on AWS, and the problem is reported", async () => {
    const metric = {
      _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: "N", Metrics: [{ Name: "M" }] }] },
      M: 1,
    };
    test = await startTestFunctions((origin) => {
      [source, deadLetters] = queueWithDeadLetters("work", 3, {}, origin);
      const code = `export const handler = async () => console.log(${JSON.stringify(JSON.stringify(metric))});`;
      const consumer = lambdaFunction("consumer", "arn:aws:iam::000000000000:role/consumer", code);
      const [mayConsume] = consumerStatements(source);
      return [
        source,
        deadLetters,
        ...role("consumer", "lambda.amazonaws.com", ...(mayConsume === undefined ? [] : [mayConsume])),
        consumer,
        mapping(source, consumer),
      ];
    });
    stop = test.stop;
    await test.send(urlOf(source), "a");
    await eventually("the problem", () => test.problems.length > 0);
    expect(test.problems).toEqual([expect.stringContaining("the logs of consumer are lost")]);
    expect(test.logs).toEqual([]);
    expect(test.metrics.has({ namespace: "N", name: "M", dimensions: {} })).toBe(false);
  });
});

describe("a mapping that AWS would refuse", () => {
  it.each([
    ["batchSize over 10 without a window", { mapping: { batchSize: 11 } }, "Maximum batch window in seconds"],
    [
      "a visibility timeout shorter than the function's",
      { function: { timeout: 2 } },
      "is less than Function timeout",
    ],
    [
      "a window on a FIFO queue",
      { queue: { fifoQueue: true }, mapping: { maximumBatchingWindowInSeconds: 1 } },
      "has no maximumBatchingWindowInSeconds",
    ],
    [
      "filters",
      { mapping: { filterCriteria: { filters: [{ pattern: "{}" }] } } },
      "filterCriteria are not supported locally",
    ],
  ])("is refused here: %s", async (_, settings, message) => {
    await expect(start("", settings)).rejects.toThrow(message);
  });

  it("is refused when the role may not receive", async () => {
    await expect(
      startTestFunctions((origin) => {
        const [work, dlq] = queueWithDeadLetters("work", 3, {}, origin);
        const consumer = lambdaFunction("consumer", "arn:aws:iam::000000000000:role/consumer", "");
        const statement = { Action: "sqs:DeleteMessage", Resource: arnOf(work) };
        return [
          work,
          dlq,
          ...role("consumer", "lambda.amazonaws.com", statement),
          consumer,
          mapping(work, consumer),
        ];
      }),
    ).rejects.toThrow("is not authorized to perform: sqs:ReceiveMessage");
  });
});
