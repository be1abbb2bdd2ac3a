import { describe, expect, it } from "vitest";
import { targetProblem, targetSchema } from "../../../settings/targets/target.js";

/** `path: message` of each problem of a target that must not pass. */
function problemsOf(target: unknown): string[] {
  const { error } = targetSchema.safeParse(target);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const arns = {
  queue: "arn:aws:sqs:eu-west-1:123456789012:orders.fifo",
  eventBus: "arn:aws:events:eu-west-1:123456789012:event-bus/default",
  topic: "arn:aws-us-gov:sns:us-gov-west-1:123456789012:orders",
  function: "arn:aws:lambda:eu-west-1:123456789012:function:orders:live",
  stateMachine: "arn:aws:states:eu-west-1:123456789012:stateMachine:Orders_1",
  stream: "arn:aws-cn:kinesis:cn-north-1:123456789012:stream/orders",
  firehose: "arn:aws:firehose:eu-west-1:123456789012:deliverystream/orders",
} as const;

const allKinds = "handler, forward, eventBus, queue, topic, function, stateMachine, stream, firehose";

describe("a target", () => {
  it.each([
    [{ handler: "billing" }, { handler: "billing" }],
    [{ queue: arns.queue }, { kind: "queue", arn: arns.queue, format: "raw", maximumBytes: 1_048_576 }],
    [{ eventBus: arns.eventBus }, { kind: "eventBus", arn: arns.eventBus, format: "cloudevents" }],
    [{ topic: arns.topic }, { kind: "topic", arn: arns.topic, format: "raw", maximumBytes: 262_144 }],
    [
      { function: arns.function },
      { kind: "function", arn: arns.function, format: "raw", invocation: "event", timeoutSeconds: 10 },
    ],
    [{ stateMachine: arns.stateMachine }, { kind: "stateMachine", arn: arns.stateMachine, format: "raw" }],
    [
      { stream: arns.stream },
      { kind: "stream", arn: arns.stream, format: "raw", partitionKey: "source", maximumBytes: 1_048_576 },
    ],
    [{ firehose: arns.firehose }, { kind: "firehose", arn: arns.firehose, format: "raw" }],
  ])("%j is complete with its ARN alone", (settings, definition) => {
    expect(targetSchema.parse(settings)).toEqual(definition);
  });

  it("has what forwarding has", () => {
    expect(targetSchema.parse({ forward: { url: "https://app.example.com/hooks" } })).toEqual({
      forward: {
        url: "https://app.example.com/hooks",
        timeoutSeconds: 10,
        permanentStatuses: [410],
        passSecretHeaders: false,
        allowPrivateNetwork: false,
      },
    });
  });

  it("takes options beside its ARN, and what is left out stays out", () => {
    const keyArn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const queue = { arn: arns.queue, format: "cloudevents", messageGroup: "json:data.customer", keyArn };
    expect(targetSchema.parse({ queue })).toEqual({ kind: "queue", ...queue, maximumBytes: 1_048_576 });
  });

  it.each([
    [{}, `: must have exactly one of ${allKinds}`],
    [{ handler: "a", queue: arns.queue }, `: must have exactly one of ${allKinds}`],
    [{ handler: "../a" }, "handler: must be the name of a handler file, such as orders for orders.ts"],
    [
      { queue: { arn: arns.queue, maximumBytes: 100 } },
      "queue.maximumBytes: must be a whole number of bytes from 1024 to 1048576",
    ],
    [
      { stream: { arn: arns.stream, partitionKey: "customer" } },
      "stream.partitionKey: must be source, header:<name>, query:<name>, json:<path> or form:<name>, such as json:data.customer",
    ],
    [
      { function: { arn: arns.function, timeoutSeconds: 5 } },
      "function.timeoutSeconds: needs invocation: request-response: nobody waits for the answer otherwise",
    ],
    [
      { topic: { arn: arns.topic, keyArn: "arn:aws:kms:eu-west-1:123456789012:alias/orders" } },
      "topic.keyArn: must be the ARN of a KMS key, such as arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab: a policy cannot name an alias",
    ],
  ])("%j is refused with its path and what to write", (settings, problem) => {
    expect(problemsOf(settings)).toEqual([problem]);
  });

  it("is refused with an option that its kind does not have", () => {
    expect(problemsOf({ firehose: { arn: arns.firehose, partitionKey: "source" } })).toHaveLength(1);
    expect(problemsOf({ pager: "orders" }).join()).toContain("pager");
  });

  it.each([
    ["queue", "https://sqs.eu-west-1.amazonaws.com/123456789012/orders", "an SQS queue", "sqs", "orders"],
    ["queue", arns.topic, "an SQS queue", "sqs", "orders"],
    ["queue", "arn:aws:sqs:eu-west-1:1234:orders", "an SQS queue", "sqs", "orders"],
    ["eventBus", "default", "an EventBridge event bus", "events", "event-bus/orders"],
    ["topic", `${arns.topic}:1`, "an SNS topic", "sns", "orders"],
    ["function", "orders", "a Lambda function", "lambda", "function:orders"],
    ["stateMachine", arns.function, "a Step Functions state machine", "states", "stateMachine:orders"],
    ["stream", arns.firehose, "a Kinesis data stream", "kinesis", "stream/orders"],
    ["firehose", arns.stream, "a Firehose stream", "firehose", "deliverystream/orders"],
  ])("%s does not take %s", (kind, arn, called, service, example) => {
    const message = `must be the ARN of ${called}, such as arn:aws:${service}:eu-west-1:123456789012:${example}`;
    expect(problemsOf({ [kind]: arn })).toEqual([`${kind}.arn: ${message}`]);
  });

  it("has the partition of its Region", () => {
    expect(problemsOf({ queue: "arn:aws:sqs:cn-north-1:123456789012:orders" })).toEqual([
      "queue.arn: must start with arn:aws-cn: the Region cn-north-1 is in this partition",
    ]);
  });

  it.each([
    ["function", { arn: arns.function, invocation: "request-response", timeoutSeconds: 30 }],
    ["forward", { url: "https://app.example.com/hooks", timeoutSeconds: 30 }],
  ])("is answered before the function must end: %s", (kind, settings) => {
    const target = targetSchema.parse({ [kind]: settings });
    const { path, message } = targetProblem(target, { timeoutSeconds: 30 }) ?? {};
    expect(path).toEqual([kind, "timeoutSeconds"]);
    expect(message).toMatch(/^must be at most \d+ with processor.timeoutSeconds 30: /);
    const [, most] = /at most (\d+)/.exec(message ?? "") ?? [];
    const fitting = targetSchema.parse({ [kind]: { ...settings, timeoutSeconds: Number(most) } });
    expect(targetProblem(fitting, { timeoutSeconds: 30 })).toBeUndefined();
    expect(
      targetProblem(targetSchema.parse({ function: arns.function }), { timeoutSeconds: 5 }),
    ).toBeUndefined();
  });
});
