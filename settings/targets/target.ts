import { z } from "zod";
import type { ForwardDefinition } from "../../runtime/stage/definition.js";
import type { AwsTargetDefinition, OrderKey, TargetKind, TargetOf } from "../../runtime/stage/targets.js";
import { isLocator } from "../places.js";
import { forwardSchema, resolveForward, waitingProblem } from "../processing.js";
import { wholeNumber } from "../units.js";
import { withoutUndefined } from "../without-undefined.js";
import { arnOf, keyArn, kindsOfTarget } from "./arns.js";

/** Where a subscriber's webhooks go. */
export type Target =
  | { readonly handler: string }
  | { readonly forward: ForwardDefinition }
  | AwsTargetDefinition;

const orderKey = z.custom<OrderKey>(
  (value) => value === "source" || isLocator(value),
  "must be source, header:<name>, query:<name>, json:<path> or form:<name>, such as json:data.customer",
);

/** An ARN alone, or an object with the ARN and options. */
function awsTarget<Shape extends z.ZodRawShape>(kind: TargetKind, options: z.ZodObject<Shape>) {
  const arn = arnOf(kind);
  const whole = options.extend({
    arn,
    /** How webhooks are written: docs/targets.md. */
    format: z.enum(["raw", "cloudevents"]).default(kind === "eventBus" ? "cloudevents" : "raw"),
    /** Passes on authorization, cookies and API keys as the sender sent them. */
    passSecretHeaders: z.literal(true, "must be true: leave it out instead").optional(),
  });
  return z.preprocess((value) => (typeof value === "string" ? { arn: value } : value), whole);
}

const options = {
  queue: z.strictObject({
    /** Message group. A FIFO queue has the source by default, a standard queue none. */
    messageGroup: orderKey.optional(),
    /** The queue's `MaximumMessageSize`, if it is not SQS's own. */
    maximumBytes: wholeNumber(1_024, 1_048_576, "bytes").default(1_048_576),
    /** KMS key that encrypts the queue, if it is a customer's own. */
    keyArn,
  }),
  eventBus: z.strictObject({}),
  topic: z.strictObject({
    /** Message group. A FIFO topic has the source by default, a standard topic none. */
    messageGroup: orderKey.optional(),
    /** The topic's `MaximumMessageSize`, if it is not SNS's own. */
    maximumBytes: wholeNumber(1_024, 1_048_576, "bytes").default(262_144),
    /** KMS key that encrypts the topic, if it is a customer's own. */
    keyArn,
  }),
  function: z.strictObject({
    /** `event`: Lambda queues the webhook. `request-response`: the function's answer decides about it. */
    invocation: z.enum(["event", "request-response"]).default("event"),
    /** How long the function's answer may take. */
    timeoutSeconds: wholeNumber(1, 890, "seconds").optional(),
  }),
  stateMachine: z.strictObject({
    /** KMS key that encrypts the state machine, if it is a customer's own. */
    keyArn,
  }),
  stream: z.strictObject({
    /** Records with the same key keep their order. */
    partitionKey: orderKey.default("source"),
    /** The stream's maximum record size, if it is not Kinesis' own. */
    maximumBytes: wholeNumber(1_048_576, 10_485_760, "bytes").default(1_048_576),
    /** KMS key that encrypts the stream, if it is a customer's own. */
    keyArn,
  }),
  firehose: z.strictObject({}),
} as const;

const queue = awsTarget("queue", options.queue);
const eventBus = awsTarget("eventBus", options.eventBus);
const topic = awsTarget("topic", options.topic);
const lambdaFunction = awsTarget("function", options.function).refine(
  ({ invocation, timeoutSeconds }) => invocation === "request-response" || timeoutSeconds === undefined,
  {
    path: ["timeoutSeconds"],
    error: "needs invocation: request-response: nobody waits for the answer otherwise",
  },
);
const stateMachine = awsTarget("stateMachine", options.stateMachine);
const stream = awsTarget("stream", options.stream);
const firehose = awsTarget("firehose", options.firehose);

/** How long a function's answer may take by default, as long as that of an HTTP endpoint. */
const defaultTimeoutSeconds = 10;

/** A handler file's name without `.ts`. */
const handler = z
  .string()
  .regex(/^[a-z0-9-]+$/, "must be the name of a handler file, such as orders for orders.ts");

const shape = {
  handler,
  forward: forwardSchema,
  eventBus,
  queue,
  topic,
  function: lambdaFunction,
  stateMachine,
  stream,
  firehose,
};
const kinds = Object.keys(shape);

/** Where a subscriber's webhooks go: an object with one key. */
export const targetSchema = z
  .strictObject(shape)
  .partial()
  .superRefine((value, context) => {
    if (Object.values(value).filter((each) => each !== undefined).length === 1) return;
    context.addIssue({ code: "custom", message: `must have exactly one of ${kinds.join(", ")}` });
  })
  .transform(resolveTarget);

function resolveTarget(
  parsed: Partial<{ [Key in keyof typeof shape]: z.output<(typeof shape)[Key]> | undefined }>,
): Target {
  if (parsed.handler !== undefined) return { handler: parsed.handler };
  if (parsed.forward !== undefined) return { forward: resolveForward(parsed.forward) };
  const found = (kind: TargetKind) => parsed[kind] !== undefined;
  const kind = kindsOfTarget.find(found);
  if (kind === undefined) throw new Error("the target has no kind");
  const settings = withoutUndefined({ kind, ...parsed[kind] }) as AwsTargetDefinition;
  return settings.kind === "function"
    ? { ...settings, timeoutSeconds: settings.timeoutSeconds ?? defaultTimeoutSeconds }
    : settings;
}

/**
 * The problem between a target's settings and the stage's. Undefined: there is none.
 *
 * @returns its path within the target
 */
export function targetProblem(
  target: Target,
  { timeoutSeconds }: { readonly timeoutSeconds: number },
): { readonly path: readonly string[]; readonly message: string } | undefined {
  const own = waitsSeconds(target);
  const message = own && waitingProblem(own.seconds, timeoutSeconds);
  return message === undefined ? undefined : { path: [own?.key ?? "", "timeoutSeconds"], message };
}

function waitsSeconds(target: Target): { readonly key: string; readonly seconds: number } | undefined {
  if ("forward" in target) return { key: "forward", seconds: target.forward.timeoutSeconds };
  if (!("kind" in target) || target.kind !== "function" || target.invocation === "event") return undefined;
  return { key: "function", seconds: (target satisfies TargetOf<"function">).timeoutSeconds };
}
