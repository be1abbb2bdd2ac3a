import { createHash } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { PayloadPlace } from "../payload/overflow.js";
import type { OverflowPointer } from "../payload/payload.js";
import type { Outcome } from "./outcome.js";
import { historySchema } from "./schema.js";

/** State of a webhook in the history: being handled, or its outcome. */
export type HistoryStatus = "processing" | Exclude<Outcome, "duplicate" | "untried">;

/** Attributes of an item in addition to the table's keys, by their meaning. */
export const historyAttributes = {
  source: "source",
  eventId: "event_id",
  /** API Gateway's id of the request that was handled last. */
  requestId: "request_id",
  status: "status",
  /** Fencing token of the last claim. */
  token: "token",
  /** Epoch milliseconds until which the claim holds. Present only while processing. */
  leaseUntil: "lease_until",
  attempts: "attempts",
  /** How often in a row the function had crashed on it at the last claim. Absent: never. */
  crashes: "crashes",
  /** When the gateway took the newest request that was handled, in epoch milliseconds. Absent: that is the first one. */
  latestReceivedAt: "latest_received_at",
  /** Epoch milliseconds. */
  finishedAt: "finished_at",
  handlerMilliseconds: "handler_ms",
  /** Why the webhook was ignored, rejected or invalid, or how it failed. */
  reason: "reason",
  /** Ids of the replays that were let in, in their order; a bounded number of them. */
  replayIds: "replay_ids",
  /**
   * Of a source with subscribers: replays that were let in and that not all of their subscribers have got yet, in their
   * order. `due-replays.ts` reads and writes them.
   */
  dueReplays: "due_replays",
  /** When all subscribers had got it for the first time, in epoch milliseconds. Never removed. */
  distributedAt: "distributed_at",
  /** For a rejected webhook that was later found genuine: the id under which it was handled. */
  acceptedAs: "accepted_as",
  /** When an operator erased the payload, in epoch milliseconds, and who. */
  forgottenAt: "forgotten_at",
  forgottenBy: "forgotten_by",
  /** What `payload.ts` packed. */
  payload: "payload",
  /** Instead of a payload, for a subscriber's webhook: the id of its source's, which has it. */
  payloadOf: "payload_of",
  /** True instead of a payload that is not kept, together with the body's hash and length. */
  payloadOmitted: "payload_omitted",
  bodySha256: "body_sha256",
  bodyBytes: "body_bytes",
  /** The beginning of a body that was too large to be kept. */
  bodyStart: "body_start",
  /** Instead of a payload that is in the overflow bucket: its key there, and hash and length of the packed bytes. */
  overflowKey: "overflow_key",
  overflowSha256: "overflow_sha256",
  overflowBytes: "overflow_bytes",
} as const;

export type HistoryAttributes = Record<string, AttributeValue>;

/** An item of the history, read; `loadPayload` reads its payload. */
export interface HistoryItem extends PayloadPlace {
  readonly webhookId: string;
  readonly source: string;
  readonly eventId: string;
  readonly receivedAt: number;
  readonly requestId: string;
  readonly status: HistoryStatus;
  readonly attempts: number;
  /** How often in a row the function had crashed on it at the last claim. */
  readonly crashes?: number;
  /** Epoch seconds. */
  readonly expiresAt: number;
  readonly leaseUntil?: number;
  readonly finishedAt?: number;
  readonly handlerMilliseconds?: number;
  readonly reason?: string;
  /** Ids of the replays that opened it again or took it over while it was not done, the latest last. */
  readonly replayIds?: readonly string[];
  /** When all subscribers of its source had got it for the first time, in epoch milliseconds. */
  readonly distributedAt?: number;
  /** For a rejected webhook whose replay was accepted: `webhookId` of the item in which its history continues. */
  readonly acceptedAs?: string;
  /** When an operator erased the payload, in epoch milliseconds, and who. */
  readonly forgottenAt?: number;
  readonly forgottenBy?: string;
  /** Instead of a payload: the body's hash and length, and its beginning if the whole was too large. */
  readonly omittedBody?: { readonly sha256: string; readonly bytes: number; readonly start?: Uint8Array };
}

/** Reads an item, for the operator's tools. The function itself reads single attributes. */
export function readHistoryItem(attributes: HistoryAttributes): HistoryItem {
  const text = (name: string) => attributes[name]?.S;
  const number = (name: string) =>
    attributes[name]?.N === undefined ? undefined : Number(attributes[name].N);
  const names = historyAttributes;
  return withoutUndefined({
    webhookId: text(historySchema.hashKey) ?? "",
    source: text(names.source) ?? "",
    eventId: text(names.eventId) ?? "",
    receivedAt: number(historySchema.receivedAt) ?? 0,
    requestId: text(names.requestId) ?? "",
    status: (text(names.status) ?? "processing") as HistoryStatus,
    attempts: number(names.attempts) ?? 0,
    crashes: number(names.crashes),
    expiresAt: number(historySchema.ttl) ?? 0,
    leaseUntil: number(names.leaseUntil),
    finishedAt: number(names.finishedAt),
    handlerMilliseconds: number(names.handlerMilliseconds),
    reason: text(names.reason),
    replayIds: attributes[names.replayIds] === undefined ? undefined : readReplayIds(attributes),
    distributedAt: number(names.distributedAt),
    acceptedAs: text(names.acceptedAs),
    forgottenAt: number(names.forgottenAt),
    forgottenBy: text(names.forgottenBy),
    payload: attributes[names.payload]?.B,
    payloadOf: text(names.payloadOf),
    overflow: readOverflowPointer(attributes),
    omittedBody: readOmittedBody(attributes),
  });
}

function readOverflowPointer(attributes: HistoryAttributes): OverflowPointer | undefined {
  const key = attributes[historyAttributes.overflowKey]?.S;
  const sha256 = attributes[historyAttributes.overflowSha256]?.S;
  if (key === undefined || sha256 === undefined) return undefined;
  return { key, sha256, bytes: Number(attributes[historyAttributes.overflowBytes]?.N ?? 0) };
}

function readOmittedBody(attributes: HistoryAttributes): HistoryItem["omittedBody"] {
  const sha256 = attributes[historyAttributes.bodySha256]?.S;
  if (sha256 === undefined) return undefined;
  const start = attributes[historyAttributes.bodyStart]?.B;
  const bytes = Number(attributes[historyAttributes.bodyBytes]?.N ?? 0);
  return { sha256, bytes, ...(start === undefined ? {} : { start }) };
}

/** Ids of the replays that an item has admitted. */
export function readReplayIds(attributes: HistoryAttributes): string[] {
  return (attributes[historyAttributes.replayIds]?.L ?? []).flatMap(({ S }) => S ?? []);
}

/** Hash key of `by_source` for a webhook: its source, day (UTC) and shard. */
export function sourceDay(source: string, receivedAt: number, webhookId: string): string {
  return `${source}#${new Date(receivedAt).toISOString().slice(0, 10)}#${shardOf(webhookId)}`;
}

/** All hash keys of `by_source` for a source's webhooks of the day of `time`. */
export function sourceDays(source: string, time: number): string[] {
  const day = new Date(time).toISOString().slice(0, 10);
  return Array.from({ length: historySchema.shards }, (_, shard) => `${source}#${day}#${shard}`);
}

/** Hash key of `by_attention` for a webhook in a state that needs attention. */
export function attentionKey(status: HistoryStatus, webhookId: string): string {
  return `${status}#${shardOf(webhookId)}`;
}

/** All hash keys of `by_attention` for webhooks in a state. */
export function attentionKeys(status: HistoryStatus): string[] {
  return Array.from({ length: historySchema.shards }, (_, shard) => `${status}#${shard}`);
}

function shardOf(webhookId: string): number {
  return createHash("sha256").update(webhookId).digest().readUInt32BE(0) % historySchema.shards;
}

/** Drops absent keys, so that the result has exactly what the item has. */
function withoutUndefined(item: { [K in keyof HistoryItem]: HistoryItem[K] | undefined }): HistoryItem {
  return Object.fromEntries(
    Object.entries(item).filter(([, value]) => value !== undefined),
  ) as unknown as HistoryItem;
}
