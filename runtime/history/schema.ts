/**
 * Names of the history table's keys, indexes and attributes, shared by the component that makes the table and the code
 * that reads and writes it.
 */
export const historySchema = {
  /** `source/event id`. */
  hashKey: "webhook_id",
  /** Epoch seconds after which DynamoDB may delete the item. */
  ttl: "expires_at",
  /** When API Gateway took the webhook, in epoch milliseconds; range key of both indexes. */
  receivedAt: "received_at",
  /** All webhooks of a source in a time range: hash `source#yyyy-mm-dd#shard`, so that no day is one hot partition. */
  bySource: { index: "by_source", hashKey: "source_day" },
  /**
   * Sparse: only webhooks that want somebody's attention (failed, rejected, invalid, or processing once more after a
   * failure, a crash or a replay), hash `status#shard`. Sharded because an index that throttles holds up the table's own writes, and a flood of forged webhooks all lands here.
   */
  byAttention: { index: "by_attention", hashKey: "attention" },
  /** Shards of either index. */
  shards: 8,
} as const;
