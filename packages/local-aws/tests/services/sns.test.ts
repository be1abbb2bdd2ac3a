import { describe, expect, it } from "vitest";
import { type Cloud, startCloud } from "../../services/cloud.js";
import { arnOf, graphOf, policyOf, queue, resource } from "../support/graphs.js";

const topic = resource("aws:sns/topic:Topic", "alarms");
const ordered = resource("aws:sns/topic:Topic", "ordered", { fifoTopic: true });

const subscribed = (protocol: string, endpoint: string, inputs: Record<string, unknown> = {}) =>
  resource("aws:sns/topicSubscription:TopicSubscription", endpoint, {
    topic: arnOf(topic),
    protocol,
    endpoint,
    ...inputs,
  });
const openQueue = (name: string) =>
  queue(name, {
    maxMessageSize: 1_024,
    policy: policyOf({
      Principal: { Service: "sns.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: arnOf(queue(name)),
    }),
  });

const [open, raw] = [openQueue("open"), openQueue("raw")];
const closed = queue("closed");

async function withCloud(act: (cloud: Cloud) => Promise<void>): Promise<void> {
  const cloud = await startCloud(
    graphOf([
      topic,
      ordered,
      open,
      raw,
      closed,
      subscribed("email", "ops@example.com"),
      subscribed("sqs", arnOf(open)),
      subscribed("sqs", arnOf(raw), { rawMessageDelivery: true }),
      subscribed("sqs", arnOf(closed)),
      subscribed("sqs", `${arnOf(closed)}-gone`),
    ]),
  );
  try {
    await act(cloud);
  } finally {
    await cloud.close();
  }
}

const publish = (cloud: Cloud, input: Record<string, unknown>) =>
  cloud.call(
    { kind: "operator" },
    { service: "sns", operation: "Publish", input: { TopicArn: arnOf(topic), Message: "x", ...input } },
  );
const bodies = (cloud: Cloud, of: typeof open) =>
  cloud.sqs
    .queueByArn(arnOf(of))
    ?.peek()
    .map(({ body }) => body);

describe("Publish refuses", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["an empty message", { Message: "" }, "Empty message"],
    ["more than 256 KB", { Message: "é".repeat(131_073) }, "Message too long"],
    ["a subject of 100 characters", { Subject: "s".repeat(100) }, "Subject"],
    ["a line break in the subject", { Subject: "a\nb" }, "Subject"],
    ["no topic", { TopicArn: undefined }, "no value for required parameter"],
    ["a deduplication id", { MessageDeduplicationId: "d" }, "not valid for this topic type"],
    ["a FIFO topic, which it cannot honour", { TopicArn: arnOf(ordered) }, "no FIFO topics"],
    ["an attribute without a type", { "MessageAttributes.entry.1.Name": "a" }, "MessageAttributes.entry.1"],
    ["a phone number, which would be dropped", { PhoneNumber: "+1" }, "does not know it"],
    ["another structure than json", { MessageStructure: "xml" }, "MessageStructure"],
    ["a structure that is no JSON", { MessageStructure: "json" }, "JSON message body failed to parse"],
    ["a structure that is no object", { MessageStructure: "json", Message: "[]" }, "failed to parse"],
    [
      "a structure without a default",
      { MessageStructure: "json", Message: '{"sqs":"x"}' },
      "No default entry",
    ],
    ["a default that is no text", { MessageStructure: "json", Message: '{"default":1}' }, "No default entry"],
  ])("%s", async (_, input, message) => {
    await withCloud(async (cloud) => {
      await expect(publish(cloud, input)).rejects.toMatchObject({
        code: "InvalidParameter",
        message: expect.stringContaining(message),
      });
      expect(cloud.sns.inbox).toEqual([]);
      expect(bodies(cloud, raw)).toEqual([]);
    });
  });
});

describe("a published message", () => {
  it("reaches the queues that allow SNS; the others are listed with the reason, and the publisher is not refused", async () => {
    await withCloud(async (cloud) => {
      await publish(cloud, {});
      expect(bodies(cloud, raw)).toEqual(["x"]);
      expect(JSON.parse(bodies(cloud, open)?.[0] ?? "")).toMatchObject({
        Type: "Notification",
        Message: "x",
      });
      expect(bodies(cloud, closed)).toEqual([]);
      expect(cloud.sns.inbox[0]?.undelivered).toEqual([
        expect.stringMatching(/:closed: .*sns\.amazonaws\.com is not authorized to perform: sqs:SendMessage/),
        expect.stringMatching(/:closed-gone: The specified queue does not exist\./),
      ]);
    });
  });

  it("that a queue finds too large is told of, and reaches the inbox", async () => {
    await withCloud(async (cloud) => {
      await publish(cloud, { Message: "y".repeat(1_025) });
      expect(bodies(cloud, raw)).toEqual([]);
      expect(cloud.sns.inbox[0]?.undelivered).toHaveLength(4);
    });
  });

  it("has a text of its own for a protocol that the structure names", async () => {
    await withCloud(async (cloud) => {
      await publish(cloud, {
        MessageStructure: "json",
        Message: '{"default":"all","sqs":"queues","email":1}',
      });
      expect(bodies(cloud, raw)).toEqual(["queues"]);
      expect(cloud.sns.inbox[0]?.message).toBe("all");
    });
  });

  it("has attributes, which a queue gets as its own or in the envelope", async () => {
    await withCloud(async (cloud) => {
      const attribute = "MessageAttributes.entry.1";
      await publish(cloud, {
        [`${attribute}.Name`]: "type",
        [`${attribute}.Value.DataType`]: "String",
        [`${attribute}.Value.StringValue`]: "order.paid",
      });
      const type = { DataType: "String", StringValue: "order.paid" };
      expect(cloud.sns.inbox[0]?.attributes).toEqual({ type });
      expect(cloud.sqs.queueByArn(arnOf(raw))?.peek()[0]?.attributes).toEqual({ type });
      expect(JSON.parse(bodies(cloud, open)?.[0] ?? "").MessageAttributes).toEqual({
        type: { Type: "String", Value: "order.paid" },
      });
    });
  });

  it("is refused with an attribute that has no value", async () => {
    await withCloud(async (cloud) => {
      const attribute = "MessageAttributes.entry.1";
      const input = { [`${attribute}.Name`]: "type", [`${attribute}.Value.DataType`]: "String" };
      await expect(publish(cloud, input)).rejects.toMatchObject({ code: "ParameterValueInvalid" });
    });
  });

  it("stays in the inbox until at least 1,000 newer ones have come", async () => {
    await withCloud(async (cloud) => {
      const inbox = () => [cloud.sns.inbox.length, cloud.sns.inbox[0]?.message];
      for (let count = 0; count < 1_100; count++) await publish(cloud, { Message: String(count) });
      expect(inbox()).toEqual([1_100, "0"]);
      await publish(cloud, { Message: "newest" });
      expect(inbox()).toEqual([1_000, "101"]);
      expect(cloud.sns.inbox.at(-1)?.message).toBe("newest");
    });
  });
});

describe("a subscription with a filter policy", () => {
  const onlyTroubleAndItsEnd = { $or: [{ new: ["ALARM"] }, { old: ["ALARM"] }] };
  const filtered = (filterPolicy: unknown, filterPolicyScope = "MessageBody") =>
    subscribed("email", "filtered@example.com", {
      filterPolicy: JSON.stringify(filterPolicy),
      filterPolicyScope,
    });

  it.each([
    [{ new: "ALARM", old: "OK" }, true],
    [{ new: "OK", old: "ALARM" }, true],
    [{ new: "OK", old: "INSUFFICIENT_DATA" }, false],
    ["no JSON", false],
  ])("gets what fits it: %j (%s)", async (message, isSent) => {
    const cloud = await startCloud(graphOf([topic, filtered(onlyTroubleAndItsEnd)]));
    try {
      await publish(cloud, { Message: typeof message === "string" ? message : JSON.stringify(message) });
      expect(cloud.sns.inbox[0]?.subscribers).toEqual(isSent ? ["email filtered@example.com"] : []);
    } finally {
      await cloud.close();
    }
  });

  it.each([
    ["on attributes", filtered({ new: ["ALARM"] }, "MessageAttributes")],
    ["with an operator", filtered({ new: [{ prefix: "AL" }] })],
    ["on what lies deeper", filtered({ state: { value: ["ALARM"] } })],
  ])("stops the start if it cannot be followed here: %s", async (_, subscription) => {
    await expect(startCloud(graphOf([topic, subscription]))).rejects.toThrow(
      "local AWS knows filter policies on a message's body",
    );
  });
});
