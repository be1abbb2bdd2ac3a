import type { HistoryItem } from "../../runtime/history/item.js";
import { type Choice, isChosen } from "./choose.js";
import type { PayloadReader } from "./payload-reader.js";
import type { HistoryReader } from "./read-history.js";

/**
 * How far back each look goes at least, in milliseconds. An index follows its table after a moment, and a webhook can wait in the
 * queue before it gets into the table. One that waited for longer is shown if it is looked for with `list`, unless the look goes
 * back further.
 */
export const overlapMilliseconds = 60_000;

/** Webhooks that are watched until they have ended, at most. The oldest are left first. */
const mostWatched = 1_000;

/** Finds new webhooks, and how known ones end, a look at a time. */
export class Follower {
  /** What was told of last, by webhook: its state and its try. */
  readonly #told = new Map<string, { readonly state: string; readonly receivedAt: number }>();
  /** Webhooks that have not ended. */
  readonly #open = new Set<string>();
  /** Webhooks that somebody expects something of, ended or not, and until when. */
  readonly #expected = new Map<string, number>();
  /** How far back the furthest look has gone. */
  #furthest = overlapMilliseconds;

  constructor(
    private readonly reader: HistoryReader,
    private readonly choice: Omit<Choice, "window">,
    private readonly payloadOf: PayloadReader,
    /** Nothing that was received before is told of, in epoch milliseconds. */
    private readonly since: number,
  ) {}

  /**
   * Takes note of webhooks that were found elsewhere: they are told of as soon as they change. Those that have not ended are watched.
   */
  know(items: readonly HistoryItem[]): void {
    for (const item of items) {
      if (this.#told.has(item.webhookId)) continue;
      this.#told.set(item.webhookId, { state: stateOf(item), receivedAt: item.receivedAt });
      if (!hasEnded(item)) this.#watch(item.webhookId);
    }
  }

  /** Watches webhooks for a while although they have ended, because they are replayed, or looked at. */
  expect(webhookIds: readonly string[], until: number): void {
    for (const webhookId of webhookIds) {
      this.#expected.delete(webhookId);
      this.#expected.set(webhookId, until);
      const [oldest] = this.#expected.keys();
      if (this.#expected.size > mostWatched && oldest !== undefined) this.#expected.delete(oldest);
    }
  }

  /**
   * What has changed since the last look, the oldest first.
   *
   * @param back how far the look goes back, in milliseconds
   */
  async news(now: number, back = overlapMilliseconds): Promise<HistoryItem[]> {
    this.#furthest = Math.max(this.#furthest, back);
    const from = Math.max(this.since, now - back);
    const window = { from, to: now + overlapMilliseconds };
    const fresh: string[] = [];
    for (const source of this.choice.sources) {
      for await (const { webhookId } of this.reader.bySource(source, window)) {
        if (!this.#told.has(webhookId)) fresh.push(webhookId);
      }
    }
    for (const [webhookId, until] of this.#expected) if (until < now) this.#expected.delete(webhookId);
    const items = await this.reader.getAll([...new Set([...this.#open, ...this.#expected.keys(), ...fresh])]);
    const changed: HistoryItem[] = [];
    for (const item of items) {
      const state = stateOf(item);
      if (this.#told.get(item.webhookId)?.state === state) continue;
      this.#told.set(item.webhookId, { state, receivedAt: item.receivedAt });
      if (hasEnded(item)) this.#open.delete(item.webhookId);
      else this.#watch(item.webhookId);
      if (await isChosen(item, this.choice, this.payloadOf)) changed.push(item);
    }
    this.#forget(now);
    return changed.sort((one, other) => one.receivedAt - other.receivedAt);
  }

  #watch(webhookId: string): void {
    this.#open.add(webhookId);
    const [oldest] = this.#open;
    if (this.#open.size > mostWatched && oldest !== undefined) this.#open.delete(oldest);
  }

  /** What no look finds any more needs not be known. */
  #forget(now: number): void {
    for (const [webhookId, { receivedAt }] of this.#told) {
      if (receivedAt >= now - 2 * this.#furthest) continue;
      if (!this.#open.has(webhookId) && !this.#expected.has(webhookId)) this.#told.delete(webhookId);
    }
  }
}

function stateOf({ status, attempts, acceptedAs = "", replayIds = [], finishedAt = 0 }: HistoryItem): string {
  return [status, attempts, acceptedAs, replayIds.at(-1) ?? "", finishedAt].join(" ");
}

function hasEnded({ status }: HistoryItem): boolean {
  return status !== "processing" && status !== "failed";
}
