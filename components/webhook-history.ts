import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { historySchema } from "../runtime/history/schema.js";
import { denyWithoutTls, policyDocument } from "./support/iam.js";

/** What a caller decides about a {@link WebhookHistory}. `settings/` has the bounds and defaults. */
export interface WebhookHistoryArgs {
  /** Keeps every state of the last 35 days restorable to the second. */
  readonly pointInTimeRecovery: boolean;

  /** Makes AWS refuse to delete the table, and a bucket that is not empty, until this is switched off. */
  readonly deletionProtection: boolean;

  /** Whether payloads that are too large for an item (about 350 KB compressed) are kept in a bucket. */
  readonly overflow: boolean;

  /** Days after which the bucket deletes a payload; as long as items live. */
  readonly ttlDays: number;

  /**
   * KMS key that encrypts table and bucket. Whoever reads or writes it then needs that key as well.
   *
   * @default keys that AWS manages
   */
  readonly keyArn?: pulumi.Input<string> | undefined;

  /** Tags put on the table. */
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * The table that remembers every webhook: the claim that makes its handler run once, what became of it, and its bytes.
 * Items are found by id, by source and day, or by the trouble they are in; each is deleted by its own expiry time.
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
  readonly table: aws.dynamodb.Table;
  /** Where payloads are that are too large for an item, if they are kept. */
  readonly overflowBucket: aws.s3.Bucket | undefined;

  constructor(name: string, args: WebhookHistoryArgs, opts?: pulumi.ComponentResourceOptions) {
    const { pointInTimeRecovery, deletionProtection, overflow, ttlDays, keyArn, tags } = args;
    super("webhooks:index:WebhookHistory", name, {}, opts);

    const { hashKey, receivedAt, bySource, byAttention, ttl } = historySchema;
    this.table = new aws.dynamodb.Table(
      `${name}-history`,
      {
        // Bursts are what webhooks do; nothing has to be sized in advance, and an idle table costs only its storage.
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
          // A write of the payload would otherwise be paid for three times.
          projectionType: "KEYS_ONLY",
        })),
        ttl: { attributeName: ttl, enabled: true },
        pointInTimeRecovery: { enabled: pointInTimeRecovery },
        deletionProtectionEnabled: deletionProtection,
        serverSideEncryption: { enabled: true, ...(keyArn === undefined ? {} : { kmsKeyArn: keyArn }) },
        tags,
      },
      { parent: this },
    );

    this.overflowBucket = overflow
      ? createOverflowBucket(
          name,
          { ttlDays, keyArn, mayBeDeleted: !deletionProtection, tags },
          { parent: this },
        )
      : undefined;

    this.registerOutputs({ table: this.table, overflowBucket: this.overflowBucket });
  }
}

/** A bucket that nobody can open to the world, that takes TLS only and forgets what has expired. */
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
): aws.s3.Bucket {
  const bucket = new aws.s3.Bucket(`${name}-overflow`, { forceDestroy: mayBeDeleted, tags }, child);
  new aws.s3.BucketPublicAccessBlock(
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
  new aws.s3.BucketOwnershipControls(
    `${name}-overflow-ownership`,
    { bucket: bucket.id, rule: { objectOwnership: "BucketOwnerEnforced" } },
    child,
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    `${name}-overflow-encryption`,
    {
      bucket: bucket.id,
      rules: [
        {
          // One data key for many objects, which keeps the number of paid KMS calls low.
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
  new aws.s3.BucketLifecycleConfiguration(
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
  new aws.s3.BucketPolicy(
    `${name}-overflow-policy`,
    {
      bucket: bucket.id,
      policy: policyDocument([denyWithoutTls("s3", [bucket.arn, pulumi.interpolate`${bucket.arn}/*`])]),
    },
    child,
  );
  return bucket;
}
