/**
 * Names of the history table's keys, indexes and attributes. The component that creates the table and the code that
 * reads and writes it share them.
 */
export const historySchema = {
  /** `source/event id`. */
  hashKey: "webhook_id",
  /** Epoch seconds after which DynamoDB may delete the item. */
  ttl: "expires_at",
  /** When API Gateway received the webhook, in epoch milliseconds. Range key of both indexes. */
  receivedAt: "received_at",
  /**
   * All webhooks of a source in a time range. The hash key is `source#yyyy-mm-dd#shard`, so that no day is a hot
   * partition.
   */
  bySource: { index: "by_source", hashKey: "source_day" },
  /**
   * Only webhooks that need attention: failed, rejected, invalid, unreadable, or processing again after a failure, a crash or a
   * replay. The hash key is `status#shard`. It has shards because a throttled index delays the table's own writes, and
   * a flood of forged webhooks all arrives here.
   */
  byAttention: { index: "by_attention", hashKey: "attention" },
  /** Shards of either index. */
  shards: 8,
} as const;
