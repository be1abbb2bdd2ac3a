import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ServiceRequest } from "../../../services/service-call.js";
import { serviceCaller } from "../../../services/sqs/sqs-query.js";
import { startTestCloud, type TestCloud } from "../../support/cloud.js";
import { arnOf, queue, role } from "../../support/graphs.js";

let test: TestCloud;
const work = queue("work", { maxMessageSize: 1_024 });
const other = queue("other");
const fifo = queue("orders", { fifoQueue: true });
const gatewayRole = "arn:aws:iam::000000000000:role/gateway";

const consumerRole = "arn:aws:iam::000000000000:role/consumer";

beforeAll(async () => {
  test = await startTestCloud(() => [
    work,
    other,
    fifo,
    ...role("gateway", "apigateway.amazonaws.com", {
      Action: "sqs:SendMessage",
      Resource: [arnOf(work), arnOf(fifo)],
    }),
    ...role("consumer", "apigateway.amazonaws.com", { Action: "sqs:*", Resource: "*" }),
    ...role("function", "lambda.amazonaws.com", { Action: "sqs:SendMessage", Resource: arnOf(work) }),
  ]);
});
afterEach(() => {
  for (const each of test.cloud.sqs.queues()) each.purge();
});
afterAll(() => test.close());

async function call(body: string, request: Partial<ServiceRequest> = {}) {
  const response = await serviceCaller(test.cloud)({
    service: "sqs",
    path: "/000000000000/work",
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: Buffer.from(body),
    roleArn: gatewayRole,
    ...request,
  });
  const text = Buffer.from(response.body).toString();
  return { status: response.status, text, json: text.startsWith("{") ? JSON.parse(text) : undefined };
}

const messages = (name: string) => test.cloud.sqs.queueByUrl(name)?.peek() ?? [];

describe("a form that API Gateway sends to SQS", () => {
  it("is queued and answered in SQS's JSON", async () => {
    const { status, json } = await call("Action=SendMessage&Version=2012-11-05&MessageBody=a+%26%0Ab");
    const [message] = messages("work");
    expect(message?.body).toBe("a &\nb");
    expect({ status, json }).toEqual({
      status: 200,
      json: {
        SendMessageResponse: {
          ResponseMetadata: { RequestId: expect.any(String) },
          SendMessageResult: {
            MD5OfMessageAttributes: null,
            MD5OfMessageBody: message?.md5OfBody,
            MD5OfMessageSystemAttributes: null,
            MessageId: message?.id,
            SequenceNumber: null,
          },
        },
      },
    });
  });

  it.each([
    "SendMessageBatch&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=b",
    "ReceiveMessage&AttributeName.1=All",
    "GetQueueAttributes&AttributeName.1=All",
    "ListQueues",
  ])("is refused by name, and does nothing, where it needs lists: %s", async (action) => {
    await test.cloud.sqs.handle("SendMessage", { QueueUrl: "work", MessageBody: "waits" });
    const [operation = ""] = action.split("&");
    const { status, json } = await call(`Action=${action}`, { roleArn: consumerRole });
    expect([status, json.Error.Code]).toEqual([501, "AWS.SimpleQueueService.UnsupportedOperation"]);
    expect(json.Error.Message).toContain(`local AWS has ${operation} in SQS's JSON protocol only`);
    expect(messages("work").map(({ body, receiveCount }) => [body, receiveCount])).toEqual([["waits", 0]]);
    // A role that may not make the call learns nothing else.
    if (operation === "ReceiveMessage") {
      expect((await call(`Action=${action}`)).json.Error.Code).toBe("AccessDenied");
    }
  });

  it("carries group, delay and attributes", async () => {
    await call(
      "Action=SendMessage&MessageBody=a&MessageGroupId=github&DelaySeconds=5" +
        "&MessageAttribute.1.Name=Source&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=x",
    );
    expect(messages("work")).toEqual([
      expect.objectContaining({
        groupId: "github",
        attributes: { Source: { DataType: "String", StringValue: "x" } },
      }),
    ]);
    expect(test.cloud.sqs.queueByUrl("work")?.counts().delayed).toBe(1);
  });

  it("carries a FIFO queue's ids and answers with the sequence number", async () => {
    const form = "Action=SendMessage&MessageBody=a&MessageGroupId=g&MessageDeduplicationId=d";
    const { json } = await call(form, { path: "/000000000000/orders.fifo" });
    expect(json.SendMessageResponse.SendMessageResult.SequenceNumber).toMatch(/^\d{20}$/);
    expect(messages("orders.fifo")).toEqual([
      expect.objectContaining({ groupId: "g", deduplicationId: "d" }),
    ]);
  });

  it.each([
    ["no body", "Action=SendMessage", 400, "MissingParameter"],
    ["no action", "MessageBody=a", 400, "MissingParameter"],
    ["an unknown action", "Action=Explode", 400, "InvalidAction"],
    [
      "a body over the queue's limit",
      `Action=SendMessage&MessageBody=${"x".repeat(1_025)}`,
      400,
      "InvalidParameterValue",
    ],
    ["a control character", "Action=SendMessage&MessageBody=%00", 400, "InvalidMessageContents"],
    [
      "a delay that is no number",
      "Action=SendMessage&MessageBody=a&DelaySeconds=soon",
      400,
      "InvalidParameterValue",
    ],
    [
      "a deduplication id, as a template wired for a FIFO queue sends it",
      "Action=SendMessage&MessageBody=a&MessageGroupId=g&MessageDeduplicationId=d",
      400,
      "InvalidParameterValue",
    ],
    [
      "an attribute name that occurs twice",
      "Action=SendMessage&MessageBody=a" +
        "&MessageAttribute.1.Name=a&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=x" +
        "&MessageAttribute.2.Name=a&MessageAttribute.2.Value.DataType=String&MessageAttribute.2.Value.StringValue=y",
      400,
      "InvalidParameterValue",
    ],
    ["an action the role may not take", "Action=PurgeQueue", 403, "AccessDenied"],
  ])("with %s is refused as SQS refuses it", async (_, form, status, code) => {
    const answer = await call(form);
    expect(answer).toMatchObject({ status, json: { Error: { Code: code, Type: "Sender" } } });
    expect(messages("work")).toEqual([]);
  });

  it("to a queue that is not there is refused", async () => {
    expect(await call("Action=SendMessage&MessageBody=a", { path: "/000000000000/nowhere" })).toMatchObject({
      status: 403,
      json: { Error: { Code: "AccessDenied" } },
    });
  });

  it("of another content type is no form at all", async () => {
    const headers = { "content-type": "application/json", accept: "application/json" };
    expect(await call("Action=SendMessage&MessageBody=a", { headers })).toMatchObject({
      status: 404,
      json: { Error: { Code: "UnknownOperationException" } },
    });
  });

  it("is answered in XML where JSON is not asked for", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/xml" };
    expect((await call("Action=SendMessage&MessageBody=a", { headers })).text).toMatch(
      /<SendMessageResponse .*<MessageId>[0-9a-f-]{36}<\/MessageId>/,
    );
    expect((await call("Action=Explode", { headers })).text).toContain("<Code>InvalidAction</Code>");
  });

  it("works in the JSON protocol as well", async () => {
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage" };
    const body = JSON.stringify({ QueueUrl: "https://sqs/000000000000/work", MessageBody: "a" });
    const { status, json } = await call(body, { headers });
    expect({ status, id: json.MessageId }).toEqual({ status: 200, id: messages("work")[0]?.id });
  });
});

describe("parameters that a sender smuggles into the form", () => {
  const smuggled = "&QueueUrl=https%3A%2F%2Fsqs%2F000000000000%2Fother";

  it("take the message to another queue, if the role may send there", async () => {
    expect(await call(`Action=SendMessage&MessageBody=a${smuggled}`)).toMatchObject({
      status: 403,
      json: { Error: { Message: expect.stringContaining(arnOf(other)) } },
    });
  });

  it("change the action, if the role may take it", async () => {
    expect(await call("Action=SendMessage&MessageBody=a&Action=PurgeQueue")).toMatchObject({ status: 403 });
    expect(messages("work")).toEqual([]);
  });
});

describe("the role of an integration", () => {
  it("must trust API Gateway", async () => {
    const roleArn = "arn:aws:iam::000000000000:role/function";
    expect(await call("Action=SendMessage&MessageBody=a", { roleArn })).toMatchObject({
      status: 403,
      json: { Error: { Message: expect.stringContaining("not authorized to assume") } },
    });
  });

  it("must be one of the program's", async () => {
    await expect(call("Action=SendMessage&MessageBody=a", { roleArn: `${gatewayRole}-2` })).rejects.toThrow(
      "is not one of the program's roles",
    );
  });
});
