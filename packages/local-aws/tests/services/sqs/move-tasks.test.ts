import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Queue } from "../../../services/sqs/queue.js";
import type { QueueSettings } from "../../../services/sqs/queue-settings.js";
import { SqsService } from "../../../services/sqs/service.js";
import { eventually } from "../../../testing/eventually.js";

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

let sqs: SqsService;

function add(name: string, settings: Partial<QueueSettings> = {}): Queue {
  const queue = new Queue({
    name,
    arn: arnOf(name),
    url: `http://127.0.0.1:1/000000000000/${name}`,
    fifo: name.endsWith(".fifo"),
    visibilityTimeoutSeconds: 30,
    delaySeconds: 0,
    maximumMessageBytes: 1_048_576,
    retentionSeconds: 345_600,
    receiveWaitSeconds: 0,
    contentBasedDeduplication: false,
    deduplicatesByGroup: false,
    ...settings,
  });
  sqs.add(queue);
  return queue;
}

/** A queue that gives up after one receive, and where it gives up to. */
function withDeadLetters(name: string, settings: Partial<QueueSettings> = {}) {
  const suffix = name.endsWith(".fifo") ? ".fifo" : "";
  const deadLetterName = `${name.replace(suffix, "")}-dlq${suffix}`;
  const redrive = { deadLetterTargetArn: arnOf(deadLetterName), maxReceiveCount: 1 };
  return { work: add(name, { redrive, ...settings }), deadLetters: add(deadLetterName) };
}

/** Receives until everything that is in the queue has been given up. */
function giveUp(work: Queue, deadLetters: Queue): void {
  for (let round = 0; round < 2; round++) work.receive(100, 0, deadLetters);
}

async function redrive(deadLetters: Queue, destination?: Queue) {
  const SourceArn = deadLetters.settings.arn;
  await sqs.handle("StartMessageMoveTask", {
    SourceArn,
    ...(destination === undefined ? {} : { DestinationArn: destination.settings.arn }),
  });
  return eventually("the move to end", async () => {
    const { Results } = (await sqs.handle("ListMessageMoveTasks", { SourceArn })) as {
      Results: { Status: string; FailureReason?: string; ApproximateNumberOfMessagesMoved: number }[];
    };
    return Results[0]?.Status === "RUNNING" ? undefined : Results[0];
  });
}

const bodies = (queue: Queue) => queue.peek().map(({ body }) => body);
const refused = (operation: string, input: object) =>
  sqs.handle(operation, input).then(
    () => "taken",
    (error: { code: string; message: string }) => ({ code: error.code, message: error.message }),
  );

beforeEach(() => {
  sqs = new SqsService();
});
afterEach(() => sqs.stop());

describe("a redrive", () => {
  it("fails where the destination refuses a message, and the message stays the oldest of its queue", async () => {
    const { work, deadLetters } = withDeadLetters("work");
    const small = add("small", { maximumMessageBytes: 1_024 });
    for (const body of ["short", "x".repeat(1_025), "after"]) work.send({ body, attributes: {} });
    giveUp(work, deadLetters);

    expect(await redrive(deadLetters, small)).toMatchObject({
      Status: "FAILED",
      FailureReason: "InvalidParameterValue",
      ApproximateNumberOfMessagesMoved: 1,
    });
    expect(bodies(small)).toEqual(["short"]);
    expect(bodies(deadLetters)).toEqual(["x".repeat(1_025), "after"]);
  });

  it("sends a FIFO message back in its order, under its first id as deduplication id", async () => {
    const { work, deadLetters } = withDeadLetters("orders.fifo");
    const sent = ["one", "two"].map((body) =>
      work.send({ body, attributes: {}, groupId: "g", deduplicationId: body }),
    );
    giveUp(work, deadLetters);
    // What is sent straight to the queue with the same ids must not be taken for a repetition of them.
    expect(deadLetters.peek().map(({ deduplicationId }) => deduplicationId)).toEqual(
      sent.map(({ id }) => id),
    );

    expect(await redrive(deadLetters)).toMatchObject({
      Status: "COMPLETED",
      ApproximateNumberOfMessagesMoved: 2,
    });
    expect(work.peek().map(({ body, deduplicationId }) => ({ body, deduplicationId }))).toEqual([
      { body: "one", deduplicationId: sent[0]?.id },
      { body: "two", deduplicationId: sent[1]?.id },
    ]);
  });

  it("leaves the rest of a FIFO group where it is while somebody has its first message", async () => {
    const { work, deadLetters } = withDeadLetters("orders.fifo");
    for (const body of ["one", "two"]) {
      work.send({ body, attributes: {}, groupId: "g", deduplicationId: body });
    }
    giveUp(work, deadLetters);
    deadLetters.receive(1, 30, undefined);
    expect(await redrive(deadLetters)).toMatchObject({
      Status: "COMPLETED",
      ApproximateNumberOfMessagesMoved: 0,
    });
    expect(bodies(deadLetters)).toEqual(["one", "two"]);
  });

  it("is refused between queues of different types, and to the queue itself", async () => {
    const { deadLetters } = withDeadLetters("work");
    const orders = add("orders.fifo");
    for (const [destination, reason] of [
      [orders, "queues of the same type"],
      [deadLetters, "different queues"],
    ] as const) {
      expect(
        await refused("StartMessageMoveTask", {
          SourceArn: deadLetters.settings.arn,
          DestinationArn: destination.settings.arn,
        }),
      ).toEqual({ code: "InvalidParameterValue", message: expect.stringContaining(reason) });
    }
  });

  it.each([
    [
      "StartMessageMoveTask",
      { SourceArn: arnOf("nowhere") },
      "ResourceNotFoundException",
      "SourceArn parameter doesn't exist",
    ],
    [
      "StartMessageMoveTask",
      { SourceArn: "work-dlq" },
      "InvalidParameterValue",
      "format to specify the SourceArn",
    ],
    [
      "StartMessageMoveTask",
      { SourceArn: arnOf("work") },
      "InvalidParameterValue",
      "must be configured as a Dead Letter Queue",
    ],
    [
      "StartMessageMoveTask",
      { SourceArn: arnOf("work-dlq"), DestinationArn: arnOf("nowhere") },
      "ResourceNotFoundException",
      "DestinationArn parameter doesn't exist",
    ],
    [
      "StartMessageMoveTask",
      { SourceArn: arnOf("work-dlq"), MaxNumberOfMessagesPerSecond: 0 },
      "InvalidParameterValue",
      "between 1 and 500",
    ],
    [
      "StartMessageMoveTask",
      { SourceArn: arnOf("work-dlq"), MaxNumberOfMessagesPerSecond: 501 },
      "InvalidParameterValue",
      "between 1 and 500",
    ],
    ["ListMessageMoveTasks", { SourceArn: arnOf("nowhere") }, "ResourceNotFoundException", "SourceArn"],
    [
      "ListMessageMoveTasks",
      { SourceArn: arnOf("work-dlq"), MaxResults: 0 },
      "InvalidParameterValue",
      "MaxResults",
    ],
    [
      "ListMessageMoveTasks",
      { SourceArn: arnOf("work-dlq"), MaxResults: 11 },
      "InvalidParameterValue",
      "MaxResults",
    ],
    [
      "CancelMessageMoveTask",
      { TaskHandle: "garbage" },
      "InvalidParameterValue",
      "Value for parameter TaskHandle is invalid.",
    ],
    [
      "CancelMessageMoveTask",
      { TaskHandle: handle("nowhere") },
      "ResourceNotFoundException",
      "SourceArn parameter doesn't exist",
    ],
    [
      "CancelMessageMoveTask",
      { TaskHandle: handle("work-dlq") },
      "ResourceNotFoundException",
      "Task does not exist.",
    ],
  ])("%s of %j is refused with %s", async (operation, input, code, message) => {
    withDeadLetters("work");
    expect(await refused(operation, input)).toEqual({ code, message: expect.stringContaining(message) });
  });

  it("is refused while another redrive empties the same queue, even one that is being cancelled", async () => {
    const { work, deadLetters } = withDeadLetters("work");
    for (const body of ["a", "b"]) work.send({ body, attributes: {} });
    giveUp(work, deadLetters);
    const slowly = { SourceArn: deadLetters.settings.arn, MaxNumberOfMessagesPerSecond: 10 };
    const { TaskHandle } = (await sqs.handle("StartMessageMoveTask", slowly)) as { TaskHandle: string };
    const running = {
      code: "InvalidParameterValue",
      message: expect.stringContaining("already a task running"),
    };
    expect(await refused("StartMessageMoveTask", slowly)).toEqual(running);
    await sqs.handle("CancelMessageMoveTask", { TaskHandle });
    expect(await refused("StartMessageMoveTask", slowly)).toEqual(running);
  });

  it("is remembered with nine others of its queue, the newest first", async () => {
    const { deadLetters } = withDeadLetters("work");
    for (let count = 0; count < 12; count++) await redrive(deadLetters);
    const { Results } = (await sqs.handle("ListMessageMoveTasks", {
      SourceArn: deadLetters.settings.arn,
      MaxResults: 10,
    })) as { Results: { StartedTimestamp: number }[] };
    const starts = Results.map(({ StartedTimestamp }) => StartedTimestamp);
    expect(starts).toHaveLength(10);
    expect(starts).toEqual([...starts].sort((a, b) => b - a));
  });
});

function handle(queue: string): string {
  const taskId = "10f57157-fc38-4da9-a113-4de7e12d05dd";
  return Buffer.from(JSON.stringify({ taskId, sourceArn: arnOf(queue) })).toString("base64");
}
