import { Table } from "@pulumi/aws/dynamodb/table.js";
import { Bucket } from "@pulumi/aws/s3/bucket.js";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import { BucketOwnershipControls } from "@pulumi/aws/s3/bucketOwnershipControls.js";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy.js";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import * as pulumi from "@pulumi/pulumi";
import { historySchema } from "../runtime/history/schema.js";
import { denyWithoutTls, policyDocument } from "./support/iam.js";

/** Arguments of {@link WebhookHistory}. `settings/` has the bounds and defaults. */
export interface WebhookHistoryArgs {
  /** Whether the table can be restored to any second of the last 35 days. */
  readonly pointInTimeRecovery: boolean;

  /** Makes AWS refuse to delete the table until this is switched off. A bucket that is not empty is kept, too. */
  readonly deletionProtection: boolean;

  /**
   * Whether a bucket keeps the payloads that are too large for an item (about 350 KB compressed). Pulumi may delete a
   * bucket that is `retiring`, even if the table is protected.
   */
  readonly overflow: boolean | "retiring";

  /** Days after which the bucket deletes a payload: the same as the items' time to live. */
  readonly ttlDays: number;

  /**
   * KMS key that encrypts table and bucket. Everybody who reads or writes them needs access to the key.
   *
   * @default AWS managed keys
   */
  readonly keyArn?: pulumi.Input<string> | undefined;

  /** Tags of the table and the bucket. */
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * The table that records every webhook: the claim that makes its handler run once, its outcome, and its bytes. Items
 * can be found by id, by source and day, or by the attention they need. Each item has its own expiry time.
 *
 * @example
 * ```ts
 * const history = new WebhookHistory("webhooks", {
 *   pointInTimeRecovery: true, deletionProtection: false, overflow: false, ttlDays: 90, tags: {},
 * });
 * export const historyTable = history.table.name;
 * ```
 */
export class WebhookHistory extends pulumi.ComponentResource {
  readonly table: Table;
  /** The bucket for payloads that are too large for an item, if they are kept. */
  readonly overflowBucket: Bucket | undefined;

  constructor(name: string, args: WebhookHistoryArgs, opts?: pulumi.ComponentResourceOptions) {
    const { pointInTimeRecovery, deletionProtection, overflow, ttlDays, keyArn, tags } = args;
    super("webhooks:index:WebhookHistory", name, {}, opts);

    const { hashKey, receivedAt, bySource, byAttention, ttl } = historySchema;
    this.table = new Table(
      `${name}-history`,
      {
        // Webhooks come in bursts. On-demand capacity needs no sizing, and an idle table costs only its storage.
        billingMode: "PAY_PER_REQUEST",
        hashKey,
        attributes: [
          { name: hashKey, type: "S" },
          { name: receivedAt, type: "N" },
          { name: bySource.hashKey, type: "S" },
          { name: byAttention.hashKey, type: "S" },
        ],
        globalSecondaryIndexes: [bySource, byAttention].map((index) => ({
          name: index.index,
          hashKey: index.hashKey,
          rangeKey: receivedAt,
          // Otherwise each write of a payload would cost three times as much.
          projectionType: "KEYS_ONLY",
        })),
        ttl: { attributeName: ttl, enabled: true },
        pointInTimeRecovery: { enabled: pointInTimeRecovery },
        deletionProtectionEnabled: deletionProtection,
        // A table is always encrypted; "not enabled" means a key that DynamoDB owns and that needs no permission. Said in so
        // many words because a key that is merely left out stays: the provider takes the table's own for the default.
        serverSideEncryption:
          keyArn === undefined ? { enabled: false } : { enabled: true, kmsKeyArn: keyArn },
        tags,
      },
      { parent: this },
    );

    this.overflowBucket =
      overflow === false
        ? undefined
        : createOverflowBucket(
            name,
            { ttlDays, keyArn, mayBeDeleted: !deletionProtection, tags },
            { parent: this, ...(overflow === "retiring" ? { protect: false } : {}) },
          );

    this.registerOutputs({ table: this.table, overflowBucket: this.overflowBucket });
  }
}

/** A bucket that cannot be made public, accepts only TLS, and deletes what has expired. */
function createOverflowBucket(
  name: string,
  {
    ttlDays,
    keyArn,
    mayBeDeleted,
    tags,
  }: {
    readonly ttlDays: number;
    readonly keyArn: pulumi.Input<string> | undefined;
    readonly mayBeDeleted: boolean;
    readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  },
  child: pulumi.CustomResourceOptions,
): Bucket {
  const bucket = new Bucket(`${name}-overflow`, { forceDestroy: mayBeDeleted, tags }, child);
  new BucketPublicAccessBlock(
    `${name}-overflow-access`,
    {
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    child,
  );
  new BucketOwnershipControls(
    `${name}-overflow-ownership`,
    { bucket: bucket.id, rule: { objectOwnership: "BucketOwnerEnforced" } },
    child,
  );
  new BucketServerSideEncryptionConfiguration(
    `${name}-overflow-encryption`,
    {
      bucket: bucket.id,
      rules: [
        {
          // One data key serves many objects, which keeps the number of paid KMS calls low.
          bucketKeyEnabled: keyArn !== undefined,
          applyServerSideEncryptionByDefault:
            keyArn === undefined
              ? { sseAlgorithm: "AES256" }
              : { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
        },
      ],
    },
    child,
  );
  new BucketLifecycleConfiguration(
    `${name}-overflow-expiry`,
    {
      bucket: bucket.id,
      rules: [
        {
          id: "expire-with-the-history",
          status: "Enabled",
          filter: { prefix: "" },
          expiration: { days: ttlDays },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
      ],
    },
    child,
  );
  new BucketPolicy(
    `${name}-overflow-policy`,
    {
      bucket: bucket.id,
      policy: policyDocument([denyWithoutTls("s3", [bucket.arn, pulumi.interpolate`${bucket.arn}/*`])]),
    },
    child,
  );
  return bucket;
}
