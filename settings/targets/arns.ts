import { z } from "zod";
import type { TargetKind } from "../../runtime/stage/targets.js";

/** The resource in an ARN of each kind, and an example of it. */
const resources: Readonly<
  Record<
    TargetKind,
    { readonly called: string; readonly service: string; readonly resource: RegExp; readonly example: string }
  >
> = {
  queue: {
    called: "an SQS queue",
    service: "sqs",
    resource: /^(?=.{1,80}$)[A-Za-z0-9_-]+(\.fifo)?$/,
    example: "orders",
  },
  eventBus: {
    called: "an EventBridge event bus",
    service: "events",
    resource: /^event-bus\/[A-Za-z0-9._/-]{1,256}$/,
    example: "event-bus/orders",
  },
  topic: {
    called: "an SNS topic",
    service: "sns",
    resource: /^(?=.{1,256}$)[A-Za-z0-9_-]+(\.fifo)?$/,
    example: "orders",
  },
  function: {
    called: "a Lambda function",
    service: "lambda",
    resource: /^function:[A-Za-z0-9_-]{1,64}(:(\$LATEST|[A-Za-z0-9_-]{1,128}))?$/,
    example: "function:orders",
  },
  stateMachine: {
    called: "a Step Functions state machine",
    service: "states",
    resource: /^stateMachine:[A-Za-z0-9_.+!@()='-]{1,80}(:[A-Za-z0-9_.-]{1,80})?$/,
    example: "stateMachine:orders",
  },
  stream: {
    called: "a Kinesis data stream",
    service: "kinesis",
    resource: /^stream\/[A-Za-z0-9_.-]{1,128}$/,
    example: "stream/orders",
  },
  firehose: {
    called: "a Firehose stream",
    service: "firehose",
    resource: /^deliverystream\/[A-Za-z0-9_.-]{1,64}$/,
    example: "deliverystream/orders",
  },
};

/** All kinds of AWS targets. */
export const kindsOfTarget = Object.keys(resources) as TargetKind[];

/** By the start of a Region's name: github.com/boto/botocore/blob/develop/botocore/data/partitions.json */
const partitions: readonly (readonly [regions: RegExp, partition: string])[] = [
  [/^cn-/, "aws-cn"],
  [/^us-gov-/, "aws-us-gov"],
  [/^us-iso-/, "aws-iso"],
  [/^us-isob-/, "aws-iso-b"],
  [/^eu-isoe-/, "aws-iso-e"],
  [/^us-isof-/, "aws-iso-f"],
  [/^eusc-/, "aws-eusc"],
];

/** The ARN of one kind of resource. */
export function arnOf(kind: TargetKind) {
  const { called, service, resource, example } = resources[kind];
  return z.string().superRefine((value, context) => {
    const problem = arnProblem(value, service, resource);
    if (problem === undefined) return;
    const message =
      problem === "form"
        ? `must be the ARN of ${called}, such as arn:aws:${service}:eu-west-1:123456789012:${example}`
        : problem;
    context.addIssue({ code: "custom", message });
  });
}

/** docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html */
const busName = z
  .string()
  .regex(
    /^[A-Za-z0-9._-]{1,256}$/,
    "must be the name of an event bus in the stack's account and Region, such as ops, or the ARN of an event bus",
  );

/** An EventBridge bus: its name, if it is in the stack's account and Region, or its ARN. */
export const busNameOrArn = z.string().superRefine((value, context) => {
  const form = value.startsWith("arn:") ? arnOf("eventBus") : busName;
  for (const { message } of form.safeParse(value).error?.issues ?? []) {
    context.addIssue({ code: "custom", message });
  }
});

function arnProblem(value: string, service: string, resource: RegExp): "form" | (string & {}) | undefined {
  const [, partition, named, region = "", rest = ""] =
    /^arn:(aws(?:-[a-z]+)*):([a-z]+):([a-z]{2,4}(?:-[a-z]+)+-\d+):\d{12}:(.+)$/.exec(value) ?? [];
  if (named !== service || !resource.test(rest)) return "form";
  const ofRegion = partitions.find(([regions]) => regions.test(region))?.[1] ?? "aws";
  return partition === ofRegion
    ? undefined
    : `must start with arn:${ofRegion}: the Region ${region} is in this partition`;
}

/** The ARN of a customer's KMS key, if there is one. */
export const keyArn = z
  .string()
  .refine(
    (value) => arnProblem(value, "kms", /^key\/[A-Za-z0-9-]+$/) === undefined,
    "must be the ARN of a KMS key, such as arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab: a policy cannot name an alias",
  )
  .optional();
