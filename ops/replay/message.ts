import type { MessageAttributeValue } from "@aws-sdk/client-sqs";
import { CommandError } from "../../command-line/command-error.js";
import { encodeEnvelope } from "../../runtime/envelope/envelope.js";
import { encodeReplayReference } from "../../runtime/envelope/replay-reference.js";
import { sha256 } from "../../runtime/envelope/sha256.js";
import type { StoredWebhook } from "../../runtime/payload/storable.js";
import { groupHeader, unreadableSource } from "../../runtime/payload/unreadable.js";
import type { StageOutputs } from "../stage/outputs.js";
import { takersOf } from "../stage/takers.js";
import { groupOf } from "./fifo-group.js";

/** A message for the queue of a lane. */
export interface ReplayMessage {
  readonly queueUrl: string;
  readonly isOrdered: boolean;
  readonly body: string;
  readonly groupId: string;
  /** For a FIFO queue. */
  readonly deduplicationId?: string;
  readonly attributes?: Readonly<Record<string, MessageAttributeValue>>;
}

/** What a message is made of. */
export interface Replayed {
  readonly webhookId: string;
  readonly replayId: string;
  /** The only subscriber that it is for. Absent: all, or the source has none. */
  readonly replayFor?: string | undefined;
  /** As the history keeps it. */
  readonly webhook: StoredWebhook;
}

/** Largest message that SQS takes, in bytes (AWS fact 3.2). */
export const largestMessageBytes = 1_048_576;

/**
 * The message that brings a webhook to its function once more: as the gateway would write it, with the replay's mark.
 *
 * The id that SQS knows a repetition by is that of the replay and the webhook. So a message that is sent again because an answer
 * got lost, or because a replay goes on, is dropped on a FIFO queue; on the others the claim knows it.
 *
 * @throws CommandError for a webhook whose source the stage does not have (any more)
 */
export function replayMessage(
  { webhookId, replayId, replayFor, webhook }: Replayed,
  outputs: StageOutputs,
): ReplayMessage {
  if (webhook.source === unreadableSource) return unreadableMessage(webhookId, webhook, replayId, outputs);
  const { redacted: _, ...envelope } = webhook;
  const { source, definition, lane } = sourceOf(webhook.source, outputs);
  const text = encodeEnvelope({ ...envelope, replayId, ...(replayFor === undefined ? {} : { replayFor }) });
  const body =
    Buffer.byteLength(text) <= largestMessageBytes
      ? text
      : encodeReplayReference({ webhookId, replayId, replayFor });
  return {
    ...lane,
    body,
    groupId: lane.isOrdered ? groupOf(source, definition, webhook) : source,
    ...(lane.isOrdered ? { deduplicationId: deduplicationId(replayId, webhookId) } : {}),
  };
}

/** A message that could not be read, as it came, for a function that now can. */
function unreadableMessage(
  webhookId: string,
  { headers, body }: StoredWebhook,
  replayId: string,
  outputs: StageOutputs,
): ReplayMessage {
  const group = headers.find(([name]) => name === groupHeader)?.[1] ?? "";
  const { lane } = sourceOf(group.split(":", 1)[0] ?? "", outputs);
  const attributes = headers
    .filter(([name]) => name !== groupHeader)
    .map(([name, StringValue]) => [name, { DataType: "String", StringValue }]);
  return {
    ...lane,
    body: body.toString("utf8"),
    groupId: group,
    ...(lane.isOrdered ? { deduplicationId: deduplicationId(replayId, webhookId) } : {}),
    ...(attributes.length === 0 ? {} : { attributes: Object.fromEntries(attributes) }),
  };
}

/** At most 128 characters: the replay's 36 and 64 of a hash. */
function deduplicationId(replayId: string, webhookId: string): string {
  return `${replayId}.${sha256(webhookId)}`;
}

function sourceOf(rememberedAs: string, outputs: StageOutputs) {
  const taker = takersOf(outputs).find(
    ({ subscriber, rememberedAs: name }) => subscriber === undefined && name === rememberedAs,
  );
  const definition = taker && outputs.operations.sources[taker.source];
  const [name, lane] =
    Object.entries(outputs.operations.lanes).find(([, { sources }]) =>
      sources.includes(taker?.source ?? ""),
    ) ?? [];
  const queueUrl = outputs.queueUrls[name ?? ""];
  if (definition === undefined || lane === undefined || queueUrl === undefined) {
    throw new CommandError(`the stage has no source "${rememberedAs}" (any more)`);
  }
  return { source: rememberedAs, definition, lane: { queueUrl, isOrdered: lane.type === "fifo" } };
}
