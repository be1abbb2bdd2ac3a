import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { historySchema } from "../runtime/history-schema.js";

/** What a caller decides about a {@link WebhookHistory}. */
export interface WebhookHistoryArgs {
  /**
   * Keeps every state of the last 35 days restorable to the second.
   *
   * @default true
   */
  readonly pointInTimeRecovery?: boolean;

  /**
   * Makes AWS refuse to delete the table until this is switched off.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;

  /**
   * KMS key that encrypts the table. Whoever reads or writes it then needs that key as well.
   *
   * @default the key that AWS manages for DynamoDB in this account
   */
  readonly keyArn?: pulumi.Input<string> | undefined;

  /** Tags put on the table. */
  readonly tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * The table that remembers every webhook: the claim that makes its handler run once, what became of it, and its bytes.
 * Items are found by id, by source and day, or by the trouble they are in; each is deleted by its own expiry time.
 *
 * @example
 * ```ts
 * const history = new WebhookHistory("webhooks");
 * export const historyTable = history.table.name;
 * ```
 */
export class WebhookHistory extends pulumi.ComponentResource {
  readonly table: aws.dynamodb.Table;

  constructor(name: string, args: WebhookHistoryArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    const { pointInTimeRecovery = true, deletionProtection = true, keyArn, tags = {} } = args;
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

    this.registerOutputs({ table: this.table });
  }
}
