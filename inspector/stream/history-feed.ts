import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Follower, overlapMilliseconds } from "../../ops/history/follow.js";
import { type PayloadReader, payloadReader } from "../../ops/history/payload-reader.js";
import { type HistoryReader, historyReader } from "../../ops/history/read-history.js";
import { idsForSubscribers } from "../../ops/show/describe.js";
import type { StageOutputs } from "../../ops/stage/outputs.js";
import type { Stage } from "../../ops/stage/stage.js";
import { takersOf } from "../../ops/stage/takers.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import { unreadableSource } from "../../runtime/payload/unreadable.js";

/** Webhooks whose last change is remembered by its number. Who missed more has to read the list again. */
const mostChanges = 50_000;

/** Changes that are handed out at once: as many items as DynamoDB reads at once. */
const changesAtOnce = 100;

/** How long looks go back for what has waited in a queue, after it was last seen there. */
const remembersWaitMilliseconds = 300_000;

/** After a look that failed. */
const retryMilliseconds = 5_000;

/** A webhook that has changed, as it is now. */
export interface Change {
  readonly position: number;
  readonly item: HistoryItem;
}

/** How the reading of the history goes. */
export interface FeedState {
  /** When it was last read with success, in epoch milliseconds. */
  readonly readAt?: number;
  /** Why it cannot be read. */
  readonly problem?: unknown;
}

export interface HistoryFeedOptions {
  readonly outputs: Pick<StageOutputs, "operations">;
  readonly reader: HistoryReader;
  readonly payloadOf: PayloadReader;
  /** Between two looks. */
  readonly pauseMilliseconds: number;
}

/**
 * What changes in a stage's history, in the order in which it was seen there. Each change has a position, and whoever names the last
 * one that they know gets each webhook that has changed since once, as it is now: without a gap, without a double.
 *
 * The history is read while somebody listens, by one reader for all of them. When the reading begins again, it goes back to where it
 * ended.
 */
export class HistoryFeed {
  /** Tells cursors of this feed from those of an earlier one. */
  readonly #name = randomBytes(4).toString("hex");
  /** Positions of the last changes by webhook, the oldest first. */
  readonly #changed = new Map<string, number>();
  /** What the last look has brought: it needs not be read again. */
  #latest = new Map<string, HistoryItem>();
  #position = 0;
  /** Changes up to this position may be forgotten. */
  #forgotten = 0;
  #lastLook: number | undefined;
  #looking: Promise<void> | undefined;
  #state: FeedState = {};
  /** When the webhook was received that has waited longest in a queue, and when that was last known. */
  #oldestWaiting: { readonly receivedAt: number; readonly seenAt: number } | undefined;
  readonly #listeners = new Set<() => void>();
  #stop: AbortController | undefined;

  readonly #outputs: Pick<StageOutputs, "operations">;
  readonly #reader: HistoryReader;
  readonly #follower: Follower;
  readonly #pauseMilliseconds: number;

  constructor({ outputs, reader, payloadOf, pauseMilliseconds }: HistoryFeedOptions) {
    const sources = [...takersOf(outputs).map(({ rememberedAs }) => rememberedAs), unreadableSource];
    this.#outputs = outputs;
    this.#reader = reader;
    // Nothing is too old: what waited in a queue for hours is new to the history when it enters it.
    this.#follower = new Follower(reader, { sources }, payloadOf, 0);
    this.#pauseMilliseconds = pauseMilliseconds;
  }

  /** @param pauseMilliseconds between two looks */
  static async of(stage: Stage, pauseMilliseconds: number): Promise<HistoryFeed> {
    const { outputs } = stage;
    const reader = historyReader(await stage.clients.dynamoDb(), outputs.historyTable);
    const payloadOf = payloadReader(stage, reader);
    return new HistoryFeed({ outputs, reader, payloadOf, pauseMilliseconds });
  }

  get state(): FeedState {
    return this.#state;
  }

  /** The present position, as a text that {@link positionOf} reads. What the history has by now is before it. */
  async cursor(): Promise<string> {
    const isOld = this.#lastLook === undefined || Date.now() - this.#lastLook > this.#pauseMilliseconds;
    if (isOld) await this.#look();
    return this.cursorAt(this.#position);
  }

  cursorAt(position: number): string {
    return `${this.#name}-${position}`;
  }

  /** The position that a cursor names; undefined if what has changed since is not known any more. */
  positionOf(cursor: string): number | undefined {
    const [, name, digits] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(cursor) ?? [];
    const position = Number(digits);
    if (name !== this.#name || position > this.#position || position < this.#forgotten) return undefined;
    return position;
  }

  /** Takes note of webhooks that a list has shown: those that have not ended are watched. */
  know(items: readonly HistoryItem[]): void {
    this.#follower.know(items.filter(({ status }) => status === "processing" || status === "failed"));
  }

  /**
   * Watches webhooks for a while although they have ended, with all that their sources' subscribers make of them.
   *
   * @param items as they are now: what is no change is not told
   */
  async expect(items: readonly HistoryItem[], milliseconds: number): Promise<void> {
    const ids = items.flatMap((item) => [item.webhookId, ...idsForSubscribers(this.#outputs, item)]);
    this.#follower.expect(ids, Date.now() + milliseconds);
    const known = new Set(items.map(({ webhookId }) => webhookId));
    this.#follower.know([...items, ...(await this.#reader.getAll(ids.filter((id) => !known.has(id))))]);
  }

  /** Says how old the oldest message of the queues is: webhooks enter the history with the time of their receipt. */
  queuesWait(milliseconds: number): void {
    const now = Date.now();
    const receivedAt = now - milliseconds;
    const known = this.#oldestWaiting;
    if (
      known !== undefined &&
      known.receivedAt < receivedAt &&
      known.seenAt > now - remembersWaitMilliseconds
    )
      return;
    this.#oldestWaiting = { receivedAt, seenAt: now };
  }

  /**
   * What has changed since a position, the oldest change first; a part of it, if it is much.
   *
   * @returns also the position to go on from, and whether there is more
   */
  async since(position: number): Promise<{
    readonly changes: readonly Change[];
    readonly position: number;
    readonly isMore: boolean;
  }> {
    const next: [string, number][] = [];
    let isMore = false;
    if (position < this.#position) {
      for (const [webhookId, at] of this.#changed) {
        if (at <= position) continue;
        isMore = next.length === changesAtOnce;
        if (isMore) break;
        next.push([webhookId, at]);
      }
    }
    const latest = this.#latest;
    const missing = next.flatMap(([webhookId]) => (latest.has(webhookId) ? [] : webhookId));
    const read = new Map((await this.#reader.getAll(missing)).map((item) => [item.webhookId, item]));
    return {
      changes: next.flatMap(([webhookId, at]) => {
        const item = latest.get(webhookId) ?? read.get(webhookId);
        return item === undefined ? [] : { position: at, item };
      }),
      position: next.at(-1)?.[1] ?? position,
      isMore,
    };
  }

  /** Calls the listener after each look, until what is returned is called. The history is read as long as there is one. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#stop === undefined) {
      this.#stop = new AbortController();
      void this.#read(this.#stop.signal);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stop?.abort();
      this.#stop = undefined;
    };
  }

  async #read(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      // The state keeps what it fails of, and whoever listens tells it to the page.
      await this.#look().catch(() => {});
      if (stop.aborted) return;
      for (const listener of this.#listeners) listener();
      const pause = this.#state.problem === undefined ? this.#pauseMilliseconds : retryMilliseconds;
      await delay(pause, undefined, { signal: stop }).catch(() => {});
    }
  }

  /** Looks once; who comes while somebody looks waits for that. @throws what the look fails of */
  #look(): Promise<void> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookNow(): Promise<void> {
    const now = Date.now();
    const last = this.#lastLook;
    try {
      const from = Math.min(last ?? now, this.#oldestWaiting?.receivedAt ?? now);
      const items = await this.#follower.news(now, overlapMilliseconds + (now - from));
      this.#lastLook = now;
      this.#state = { readAt: now };
      this.#latest = new Map(items.map((item) => [item.webhookId, item]));
      // What the first look finds has not changed since: a list has it.
      if (last === undefined) return;
      for (const item of items) if (!endedBefore(item, last)) this.#note(item.webhookId);
    } catch (error) {
      this.#state = { ...this.#state, problem: error };
      throw error;
    }
  }

  #note(webhookId: string): void {
    this.#position += 1;
    this.#changed.delete(webhookId);
    this.#changed.set(webhookId, this.#position);
    const [oldest] = this.#changed;
    if (this.#changed.size <= mostChanges || oldest === undefined) return;
    this.#changed.delete(oldest[0]);
    this.#forgotten = oldest[1];
  }
}

/**
 * Whether a webhook had ended before a look could miss it. A look that goes back further than those before finds webhooks that no
 * look has found, and that have not changed.
 */
function endedBefore({ finishedAt, acceptedAs }: HistoryItem, look: number): boolean {
  return acceptedAs === undefined && finishedAt !== undefined && finishedAt < look - overlapMilliseconds;
}
