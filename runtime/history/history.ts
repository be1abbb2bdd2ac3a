import { randomUUID } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Payload } from "../payload/payload.js";
import { type DueReplay, dueReplayTexts, readDueReplays, withDueReplay } from "./due-replays.js";
import {
  attentionKey,
  type HistoryAttributes,
  type HistoryStatus,
  historyAttributes as names,
  readReplayIds,
  sourceDay,
} from "./item.js";
import { type Outcome, outcomes } from "./outcome.js";
import { otherPayloadAttributes, payloadAttributes } from "./payload-attributes.js";
import { isNewReplay, withReplayId } from "./replay-ids.js";
import { historySchema as keys } from "./schema.js";
import { type Changes, createHistoryStore, type HistoryStore, number, text, texts } from "./store.js";

/** What the history records of a webhook from the start. */
export interface WebhookRecord {
  /** Key: `source/event id`. */
  readonly webhookId: string;
  readonly source: string;
  readonly eventId: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** The gateway's id of the request. SQS's repetitions of a delivery have the same id, the sender's have new ones. */
  readonly requestId: string;
  /** Of a webhook that an operator sent through again: sorts by the time of the replay, such as a UUIDv7. */
  readonly replayId?: string;
  /** Of a replay that is for one subscriber of the source only: the subscriber's name. */
  readonly replayFor?: string;
  /** Whether the source has subscribers, so that the item keeps which replays they are still to get. Default: no. */
  readonly isHandedOver?: boolean;
}

/** The right to handle a webhook, until the lease ends or another delivery takes over. */
export interface Claim {
  readonly webhookId: string;
  readonly token: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Of a source with subscribers: the replays that they are still to get. Default: none. */
  readonly dueReplays?: readonly DueReplay[];
  /** When all subscribers had got it for the first time, in epoch milliseconds. Absent: they have not. */
  readonly distributedAt?: number;
}

export type ClaimResult =
  | { readonly state: "claimed"; readonly claim: Claim }
  /** The webhook is already done. */
  | { readonly state: "duplicate"; readonly status: HistoryStatus }
  /** Another delivery is being handled, until this time at most, in epoch milliseconds. */
  | { readonly state: "busy"; readonly until: number }
  /** The function crashed while it was handled, so many times in a row. It may be the cause. */
  | { readonly state: "suspect"; readonly crashes: number };

/** How the work on a claimed webhook ended. */
export interface Ending {
  readonly outcome: Extract<Outcome, "processed" | "distributed" | "ignored" | "invalid" | "failed">;
  readonly reason?: string;
  readonly handlerMilliseconds: number;
  readonly payload: Payload;
}

/** The error for a claim that ended before the work, so that the work does not count. */
export class ClaimLostError extends Error {
  override readonly name = "ClaimLostError";
}

/** The record of which webhooks arrived and how they ended. */
export interface History {
  /**
   * Claims the right to handle a webhook, for one delivery at a time and once for each event. A replay opens a done
   * webhook once more, exactly once for each replay id. A replay of a webhook that is not done is a delivery like any
   * other, and is used up by it. A webhook that ended ignored or invalid is opened by each request that the sender sent
   * after it was judged: a redelivery is how a sender asks to have it judged again.
   *
   * @param mayTry whether to take over a webhook on which the function crashed so many times in a row. Default: never, it
   * is a suspect
   */
  claim(webhook: WebhookRecord, mayTry?: (crashes: number) => boolean): Promise<ClaimResult>;
  /** @throws ClaimLostError if another delivery has taken over */
  finish(claim: Claim, ending: Ending): Promise<void>;
  /** Records a rejected webhook. To do it again changes nothing. */
  recordRejected(webhook: WebhookRecord, reason: string, payload: Payload): Promise<void>;
  /** Records a webhook that is ignored before it could be claimed. To do it again changes nothing. */
  recordIgnored(webhook: WebhookRecord, reason: string, payload: Payload): Promise<void>;
  /** Records a message that is not a webhook in a form that is known. To do it again changes nothing. */
  recordUnreadable(message: WebhookRecord, reason: string, payload: Payload): Promise<void>;
  /**
   * Records that a rejected webhook has been accepted, so that it no longer needs attention. Changes nothing if there
   * is no such webhook.
   */
  settleRejected(rejectedId: string, acceptedAs: string): Promise<void>;
}

/** A claim lasts longer than the function by this time, so that nobody works under a lease that has ended. */
const leaseMarginMilliseconds = 5_000;

/** Length of the longest reason that is kept, in characters. */
const longestReason = 1_000;

/**
 * The history in DynamoDB.
 *
 * A webhook costs one conditional put for the claim and one update for the end. The claim is smaller than 1 KB and
 * writes everything that `by_source` needs, only once. The update writes the payload, also only once. So a webhook
 * without problems takes 1 + 1 (index) + ⌈item in KB⌉ write units. `by_attention` is written only if something went
 * wrong.
 */
export function createHistory({
  client,
  table,
  ...settings
}: HistorySettings & { readonly client: DynamoDBClient; readonly table: string }): History {
  return historyOver(createHistoryStore(client, table, settings.clock), settings);
}

/** What a history needs to know. */
export interface HistorySettings {
  /** The function's timeout. */
  readonly timeoutSeconds: number;
  readonly ttlDays: number;
  /** The current time in epoch milliseconds. */
  readonly clock: () => number;
}

/** The history's protocol, on top of a store that does its conditional writes. */
export function historyOver(
  store: HistoryStore,
  { timeoutSeconds, ttlDays, clock }: HistorySettings,
): History {
  const expiresAt = () => number(Math.floor(clock() / 1000) + ttlDays * 86_400);
  const leaseUntil = () => number(clock() + timeoutSeconds * 1000 + leaseMarginMilliseconds);

  const baseItem = (webhook: WebhookRecord): HistoryAttributes => ({
    [keys.hashKey]: text(webhook.webhookId),
    [names.source]: text(webhook.source),
    [names.eventId]: text(webhook.eventId),
    [keys.receivedAt]: number(webhook.receivedAt),
    [names.requestId]: text(webhook.requestId),
    [keys.bySource.hashKey]: text(sourceDay(webhook.source, webhook.receivedAt, webhook.webhookId)),
    [keys.ttl]: expiresAt(),
  });

  /** The end of what was never claimed. */
  const recordEnd = async (
    webhook: WebhookRecord,
    status: "ignored" | "rejected" | "unreadable",
    reason: string,
    payload: Payload,
  ): Promise<void> => {
    await store.putIfAbsent({
      ...baseItem(webhook),
      [names.status]: text(status),
      [names.attempts]: number(1),
      [names.finishedAt]: number(clock()),
      [names.reason]: text(shortened(reason)),
      ...(outcomes[status].attention
        ? { [keys.byAttention.hashKey]: text(attentionKey(status, webhook.webhookId)) }
        : {}),
      ...payloadAttributes(payload),
    });
  };

  const takeOver = async (webhook: WebhookRecord, seen: HistoryAttributes): Promise<ClaimResult> => {
    const attempt = Number(seen[names.attempts]?.N ?? 0) + 1;
    const token = randomUUID();
    const crashes = crashesOf(seen);
    const { replayId } = webhook;
    const letIn = readReplayIds(seen);
    const isNew = replayId !== undefined && isNewReplay(replayId, letIn);
    const due = dueReplays(webhook, seen, isNew);
    const inTheWay = await store.updateIfUnchanged(
      webhook.webhookId,
      { token: seen[names.token]?.S, status: seen[names.status]?.S ?? "" },
      {
        set: {
          [names.status]: text("processing"),
          [names.token]: text(token),
          [names.leaseUntil]: leaseUntil(),
          [names.attempts]: number(attempt),
          [names.requestId]: text(webhook.requestId),
          [names.latestReceivedAt]: number(Math.max(webhook.receivedAt, latestReceivedAt(seen))),
          [keys.ttl]: expiresAt(),
          ...(crashes > 0 ? { [names.crashes]: number(crashes) } : {}),
          // A function that crashes on a webhook records no end. Until an end is recorded, the webhook can be found by
          // this.
          [keys.byAttention.hashKey]: text(attentionKey("processing", webhook.webhookId)),
          ...(isNew ? { [names.replayIds]: texts(withReplayId(letIn, replayId)) } : {}),
          ...dueAttribute(isNew ? due : []),
        },
        remove: [names.reason, names.finishedAt, names.handlerMilliseconds],
      },
    );
    if (inTheWay === undefined || inTheWay[names.token]?.S === token) {
      const distributedAt = seen[names.distributedAt]?.N;
      return {
        state: "claimed",
        claim: {
          webhookId: webhook.webhookId,
          token,
          attempt,
          ...(due.length === 0 ? {} : { dueReplays: due }),
          ...(distributedAt === undefined ? {} : { distributedAt: Number(distributedAt) }),
        },
      };
    }
    // Another delivery was faster. The next delivery will see whether it is done.
    return { state: "busy", until: Number(inTheWay[names.leaseUntil]?.N ?? clock()) };
  };

  return {
    async claim(webhook, mayTry = () => false) {
      const token = randomUUID();
      const due = dueReplays(webhook, {}, webhook.replayId !== undefined);
      const seen = await store.putIfAbsent({
        ...baseItem(webhook),
        [names.status]: text("processing"),
        [names.token]: text(token),
        [names.leaseUntil]: leaseUntil(),
        [names.attempts]: number(1),
        ...(webhook.replayId === undefined ? {} : { [names.replayIds]: texts([webhook.replayId]) }),
        ...dueAttribute(due),
      });
      // The SDK repeats a call whose answer got lost. Then the existing item is our own claim.
      if (seen === undefined || seen[names.token]?.S === token) {
        const claim = { webhookId: webhook.webhookId, token, attempt: 1 };
        return { state: "claimed", claim: due.length === 0 ? claim : { ...claim, dueReplays: due } };
      }

      const status = seen[names.status]?.S as HistoryStatus | undefined;
      if (status === undefined) return { state: "busy", until: clock() };
      const done = status !== "processing" && status !== "failed";
      if (done && !opensAgain(webhook, seen, status)) return { state: "duplicate", status };
      const until = Number(seen[names.leaseUntil]?.N ?? 0);
      if (status === "processing" && until > clock()) return { state: "busy", until };
      const crashes = crashesOf(seen);
      if (crashes > 0 && !mayTry(crashes)) return { state: "suspect", crashes };
      return takeOver(webhook, seen);
    },

    async finish(claim, ending) {
      const { webhookId, token } = claim;
      const { set, remove } = endingAttributes(claim, ending, clock());
      const inTheWay = await store.updateIfUnchanged(
        webhookId,
        { token, status: "processing" },
        {
          set,
          remove: [names.leaseUntil, names.crashes, ...remove],
        },
      );
      if (inTheWay === undefined) return;
      const ours = inTheWay[names.token]?.S === token && inTheWay[names.status]?.S === ending.outcome;
      if (!ours) {
        throw new ClaimLostError(
          `the claim on ${webhookId} ended before the work did: another delivery has taken over`,
        );
      }
    },

    recordRejected: (webhook, reason, payload) => recordEnd(webhook, "rejected", reason, payload),

    recordIgnored: (webhook, reason, payload) => recordEnd(webhook, "ignored", reason, payload),

    recordUnreadable: (message, reason, payload) => recordEnd(message, "unreadable", reason, payload),

    async settleRejected(rejectedId, acceptedAs) {
      await store.updateIfUnchanged(
        rejectedId,
        { token: undefined, status: "rejected" },
        { set: { [names.acceptedAs]: text(acceptedAs) }, remove: [keys.byAttention.hashKey] },
      );
    },
  };
}

/** How often in a row the function crashed on an item whose lease has ended. */
function crashesOf(seen: HistoryAttributes): number {
  return seen[names.status]?.S === "processing" ? Number(seen[names.crashes]?.N ?? 0) + 1 : 0;
}

/** Whether a delivery opens a webhook that is done once more. */
function opensAgain(
  webhook: WebhookRecord,
  seen: HistoryAttributes,
  status: Exclude<HistoryStatus, "processing">,
): boolean {
  if (webhook.replayId !== undefined) return isNewReplay(webhook.replayId, readReplayIds(seen));
  return outcomes[status].judgedAnew && webhook.receivedAt > Math.max(judgedAt(seen), latestReceivedAt(seen));
}

/**
 * When the handler of the last end began, in epoch milliseconds. That end also counts for the requests that had arrived by
 * then. So a burst of requests is judged once, and none of them waits for its turn until the queue gives it up.
 */
function judgedAt(seen: HistoryAttributes): number {
  return Number(seen[names.finishedAt]?.N ?? 0) - Number(seen[names.handlerMilliseconds]?.N ?? 0);
}

/**
 * When the gateway took the newest request that was handled. Each request is the newest at most once, in whatever order SQS
 * delivers them and however clocks differ, so the item needs no list of request ids.
 */
function latestReceivedAt(seen: HistoryAttributes): number {
  return Number(seen[names.latestReceivedAt]?.N ?? seen[keys.receivedAt]?.N ?? 0);
}

/** Of a webhook that is handed over to subscribers: the replays that they are still to get. */
function dueReplays(webhook: WebhookRecord, seen: HistoryAttributes, isNew: boolean): DueReplay[] {
  const { isHandedOver = false, replayId, replayFor } = webhook;
  if (!isHandedOver) return [];
  const due = readDueReplays(seen);
  return isNew && replayId !== undefined ? withDueReplay(due, { replayId, replayFor }) : due;
}

function dueAttribute(due: readonly DueReplay[]): HistoryAttributes {
  return due.length === 0 ? {} : { [names.dueReplays]: texts(dueReplayTexts(due)) };
}

function endingAttributes(
  { webhookId, dueReplays: due = [], distributedAt }: Claim,
  ending: Ending,
  now: number,
): Changes {
  const { outcome, reason, handlerMilliseconds, payload } = ending;
  return {
    set: {
      [names.status]: text(outcome),
      [names.handlerMilliseconds]: number(Math.round(handlerMilliseconds)),
      ...(reason === undefined ? {} : { [names.reason]: text(shortened(reason)) }),
      ...(outcomes[outcome].attention
        ? { [keys.byAttention.hashKey]: text(attentionKey(outcome, webhookId)) }
        : {}),
      // Written again at each try: DynamoDB bills the whole item in any case, and this way it describes the delivery
      // that was judged.
      ...payloadAttributes(payload),
      [names.finishedAt]: number(now),
      ...(outcome === "distributed" ? { [names.distributedAt]: number(distributedAt ?? now) } : {}),
    },
    remove: [
      // The values of an earlier claim, if this one had to take over.
      ...(outcomes[outcome].attention ? [] : [keys.byAttention.hashKey]),
      ...(outcomes[outcome].retried || due.length === 0 ? [] : [names.dueReplays]),
      ...otherPayloadAttributes(payload),
    ],
  };
}

function shortened(reason: string): string {
  return reason.slice(0, longestReason).toWellFormed();
}
