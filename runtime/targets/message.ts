import { sha256 } from "../envelope/sha256.js";
import type { Webhook } from "../envelope/webhook.js";
import type { OrderKey } from "../stage/targets.js";
import { printable } from "./format.js";
import { orderValue } from "./order-key.js";

/** Message attributes of SQS and SNS, for filter policies and for receivers that route without reading the body. */
export function messageAttributes({ source, method, type }: Webhook) {
  const texts = {
    source,
    method,
    ...(type === undefined ? {} : { type: printable(type) }),
  };
  return Object.fromEntries(
    Object.entries(texts).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
  );
}

/** The size of a message with attributes, of which name, data type and value count. */
export function messageBytes(
  text: string,
  attributes: Readonly<Record<string, { readonly DataType: string; readonly StringValue: string }>>,
): number {
  return Object.entries(attributes).reduce(
    (sum, [name, { DataType, StringValue }]) =>
      sum + Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue),
    Buffer.byteLength(text),
  );
}

/** What FIFO queues and topics need, and what fair queues may have. */
export function groupAndDeduplication(
  webhook: Webhook,
  { fifo, messageGroup }: { readonly fifo: boolean; readonly messageGroup: OrderKey | undefined },
) {
  const key = messageGroup ?? (fifo ? "source" : undefined);
  if (key === undefined) return {};
  const value = orderValue(key, webhook, "messageGroup");
  return {
    // docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html: 128 letters, digits and signs
    MessageGroupId: /^[\x21-\x7e]{1,128}$/.test(value) ? value : sha256(value),
    ...(fifo ? { MessageDeduplicationId: sha256(webhook.id) } : {}),
  };
}
