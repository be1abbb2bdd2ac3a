import type { Locator } from "../envelope/locator.js";

/**
 * The AWS service that a subscriber's webhooks are handed to. `settings/targets/` has the bounds and defaults,
 * docs/targets.md what each of them takes.
 */
export type AwsTargetDefinition =
  | QueueTarget
  | EventBusTarget
  | TopicTarget
  | FunctionTarget
  | StateMachineTarget
  | StreamTarget
  | FirehoseTarget;

export type TargetKind = AwsTargetDefinition["kind"];

/** One kind of target. */
export type TargetOf<Kind extends TargetKind> = Extract<AwsTargetDefinition, { readonly kind: Kind }>;

/**
 * How a webhook is written.
 *
 * - `raw`: what the sender sent, as JSON
 * - `cloudevents`: a CloudEvent 1.0 in JSON
 */
export type TargetFormat = "raw" | "cloudevents";

interface AwsTarget {
  /** In this account or another one. The client calls the ARN's Region. */
  readonly arn: string;
  readonly format: TargetFormat;
  /** Passes on the sender's credentials. Default: no. */
  readonly passSecretHeaders?: boolean;
}

/** An encrypted resource of which the caller needs the key. */
interface EncryptedTarget extends AwsTarget {
  /** ARN of the customer's KMS key that encrypts it. Default: a key that needs no permission. */
  readonly keyArn?: string;
}

/** What webhooks have in common that must stay in their order: a value of theirs, or all of a source's. */
export type OrderKey = "source" | Locator;

export interface QueueTarget extends EncryptedTarget {
  readonly kind: "queue";
  /** Message group. A FIFO queue has the source by default, a standard queue none. */
  readonly messageGroup?: OrderKey;
  /** Largest message that the queue takes: its `MaximumMessageSize`. */
  readonly maximumBytes: number;
}

export interface EventBusTarget extends AwsTarget {
  readonly kind: "eventBus";
}

export interface TopicTarget extends EncryptedTarget {
  readonly kind: "topic";
  /** Message group. A FIFO topic has the source by default, a standard topic none. */
  readonly messageGroup?: OrderKey;
  /** Largest message that the topic takes: its `MaximumMessageSize`. */
  readonly maximumBytes: number;
}

export interface FunctionTarget extends AwsTarget {
  readonly kind: "function";
  /** `event`: Lambda queues the webhook. `request-response`: the function's answer decides about the webhook. */
  readonly invocation: "event" | "request-response";
  /** How long to wait for the function's answer. */
  readonly timeoutSeconds: number;
}

export interface StateMachineTarget extends EncryptedTarget {
  readonly kind: "stateMachine";
}

export interface StreamTarget extends EncryptedTarget {
  readonly kind: "stream";
  readonly partitionKey: OrderKey;
  /** Largest record that the stream takes: its maximum record size. */
  readonly maximumBytes: number;
}

export interface FirehoseTarget extends AwsTarget {
  readonly kind: "firehose";
}
