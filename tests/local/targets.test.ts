import { eventually, type LocalAws, sendRequest, startLocalAws } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localEndpoints } from "../../local/endpoints.js";
import { programFolder } from "../../local/program-folder.js";

const theirs = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:210987654321:${resource}`;

describe("a source whose subscribers are AWS services of each kind, on this machine", () => {
  let running: LocalAws;
  beforeAll(async () => {
    const stage = { stack: "targets", stageFile: "tests/fixtures/Pulumi.targets.yaml" };
    running = await startLocalAws({ ...stage, program: programFolder });
  });
  afterAll(() => running?.stop());

  it("hands each of them the webhook", async () => {
    const { cloud, apis } = running;
    const body = JSON.stringify({ id: "o-1", type: "order.paid", customer: "cus_1" });
    const url = localEndpoints(running.graph, apis[0]?.url ?? "").shop ?? "";
    const { status } = await sendRequest(url, { headers: ["Content-Type", "application/json"], body });
    expect(status).toBe(200);

    const raw = expect.objectContaining({ source: "shop", eventId: "o-1", type: "order.paid", body });
    const event = { specversion: "1.0", id: "o-1", source: "/webhooks/shop", data: { customer: "cus_1" } };
    const received = () => ({
      queue: cloud.sqs
        .queueByArn(theirs("sqs", "orders.fifo"))
        ?.peek()
        .map((message) => JSON.parse(message.body)),
      bus: cloud.eventBridge.received.of(theirs("events", "event-bus/orders")).map(({ detail }) => detail),
      topic: running.inbox
        .filter(({ topicArn }) => topicArn === theirs("sns", "orders"))
        .map(({ message }) => JSON.parse(message)),
      function: cloud.lambda.invocations
        .of(theirs("lambda", "function:orders"))
        .map(({ payload }) => payload),
      workflow: cloud.stepFunctions.executions
        .of(theirs("states", "stateMachine:orders"))
        .map(({ input }) => input),
      stream: cloud.kinesis.received
        .of(theirs("kinesis", "stream/lake"))
        .map(({ partitionKey, data }) => [partitionKey, JSON.parse(data.toString())]),
      lake: cloud.firehose.received
        .of(theirs("firehose", "deliverystream/lake"))
        .map((data) => JSON.parse(data.toString())),
    });
    await eventually("seven that have it", () =>
      Object.values(received()).every((each) => each?.length === 1),
    );
    expect(received()).toEqual({
      queue: [raw],
      bus: [expect.objectContaining({ ...event, data: expect.objectContaining(event.data) })],
      topic: [raw],
      function: [raw],
      workflow: [raw],
      stream: [["cus_1", raw]],
      lake: [expect.objectContaining({ ...event, data: expect.objectContaining(event.data) })],
    });
    expect(running.calls.filter(({ allowed }) => !allowed)).toEqual([]);
  });
});
