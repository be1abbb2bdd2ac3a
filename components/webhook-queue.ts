import { Queue } from "@pulumi/aws/sqs/queue.js";
import { QueuePolicy } from "@pulumi/aws/sqs/queuePolicy.js";
import { RedriveAllowPolicy } from "@pulumi/aws/sqs/redriveAllowPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { deadLetterRetentionDays } from "../settings/groups.js";
import { denyWithoutTls, policyDocument } from "./support/iam.js";

/** Arguments of {@link WebhookQueue}. `settings/` has the bounds and defaults. */
export interface WebhookQueueArgs {
  /**
   * How long a received message stays hidden from other consumers. If this is less than six times the consumer's
   * timeout, a slow webhook can be delivered again while it is still being handled.
   */
  readonly visibilityTimeoutSeconds: number;

  /** Deliveries before a message moves to the dead-letter queue. */
  readonly maxReceiveCount: number;

  /**
   * Days for which an unprocessed message is kept. It keeps its age when it moves to the dead-letter queue, so this
   * must be less than the days there (AWS fact 3.11).
   */
  readonly retentionDays: number;

  /**
   * Whether the queues keep the order of messages within a group. A group is then limited to 300 messages a second. To
   * change this replaces both queues and loses their messages.
   */
  readonly fifo: boolean;

  /**
   * KMS key that encrypts both queues. Senders then need `kms:GenerateDataKey` and `kms:Decrypt`, consumers need
   * `kms:Decrypt`.
   *
   * @default the key that SQS manages
   */
  readonly keyArn?: pulumi.Input<string> | undefined;

  /** Tags of both queues. */
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * An encrypted queue that accepts messages only over TLS, with a dead-letter queue that keeps failed messages for 14
 * days.
 *
 * @example
 * ```ts
 * const webhooks = new WebhookQueue("webhooks", {
 *   visibilityTimeoutSeconds: 180, maxReceiveCount: 5, retentionDays: 7, fifo: false, tags: {},
 * });
 * export const queueUrl = webhooks.queue.url;
 * ```
 */
export class WebhookQueue extends pulumi.ComponentResource {
  /** The queue that receives webhooks. */
  readonly queue: Queue;
  /** The queue in which they wait after `maxReceiveCount` failed deliveries. */
  readonly deadLetterQueue: Queue;

  constructor(name: string, args: WebhookQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    const { visibilityTimeoutSeconds, maxReceiveCount, retentionDays, fifo, keyArn, tags } = args;
    super("webhooks:index:WebhookQueue", name, {}, opts);

    const child = { parent: this };
    const common = {
      maxMessageSize: maxMessageBytes,
      ...(fifo ? orderedByGroup : {}),
      ...encryption(keyArn),
      tags,
    };

    this.deadLetterQueue = new Queue(
      `${name}-dlq`,
      { ...common, messageRetentionSeconds: days(deadLetterRetentionDays) },
      child,
    );

    this.queue = new Queue(
      `${name}-queue`,
      {
        ...common,
        visibilityTimeoutSeconds,
        messageRetentionSeconds: days(retentionDays),
        // Long polling: a consumer waits for a message instead of polling an empty queue again and again, which costs
        // money each time.
        receiveWaitTimeSeconds: 20,
        redrivePolicy: pulumi.jsonStringify({
          deadLetterTargetArn: this.deadLetterQueue.arn,
          maxReceiveCount,
        }),
      },
      child,
    );

    new RedriveAllowPolicy(
      `${name}-dlq-sources`,
      {
        queueUrl: this.deadLetterQueue.url,
        redriveAllowPolicy: pulumi.jsonStringify({
          redrivePermission: "byQueue",
          sourceQueueArns: [this.queue.arn],
        }),
      },
      child,
    );

    for (const [suffix, queue] of [
      ["queue", this.queue],
      ["dlq", this.deadLetterQueue],
    ] as const) {
      new QueuePolicy(
        `${name}-${suffix}-policy`,
        { queueUrl: queue.url, policy: policyDocument([denyWithoutTls("sqs", queue.arn)]) },
        child,
      );
    }

    this.registerOutputs({ queue: this.queue, deadLetterQueue: this.deadLetterQueue });
  }
}

/**
 * 1 MiB, SQS's maximum since August 2025. It is set explicitly because the provider's default may still be the former
 * 256 KiB, which would lose large webhooks:
 * docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
const maxMessageBytes = 1_048_576;

/**
 * High-throughput mode: each group has the quota that the whole FIFO queue would otherwise have, and repetitions are
 * recognised within a group. Deduplication by content would have no effect, because the envelope contains the time and
 * so no two messages are equal.
 * docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/high-throughput-fifo.html
 */
const orderedByGroup = {
  fifoQueue: true,
  contentBasedDeduplication: false,
  deduplicationScope: "messageGroup",
  fifoThroughputLimit: "perMessageGroupId",
};

const days = (count: number) => count * 24 * 60 * 60;

function encryption(keyArn: pulumi.Input<string> | undefined) {
  return keyArn === undefined
    ? { sqsManagedSseEnabled: true }
    : // A data key is used again for five minutes, which keeps the number of paid KMS calls low.
      { kmsMasterKeyId: keyArn, kmsDataKeyReusePeriodSeconds: 300 };
}
