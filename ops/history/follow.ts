import type { HistoryItem } from "../../runtime/history/item.js";
import { type Choice, isChosen } from "./choose.js";
import type { PayloadReader } from "./payload-reader.js";
import type { HistoryReader } from "./read-history.js";

/**
 * How far back each look goes, in milliseconds. An index follows its table after a moment, and a webhook can wait in the queue before
 * it gets into the table. One that waited for longer is shown if it is looked for with `list`.
 */
const overlapMilliseconds = 60_000;

/** Webhooks that are watched until they have ended, at most. The oldest are left first. */
const mostWatched = 1_000;

/** Finds new webhooks, and how known ones end, a look at a time. */
export class Follower {
  /** What was told of last, by webhook: its state and its try. */
  readonly #told = new Map<string, { readonly state: string; readonly receivedAt: number }>();
  /** Webhooks that have not ended. */
  readonly #open = new Set<string>();

  constructor(
    private readonly reader: HistoryReader,
    private readonly choice: Omit<Choice, "window">,
    private readonly payloadOf: PayloadReader,
    /** Nothing that was received before is told of, in epoch milliseconds. */
    private readonly since: number,
  ) {}

  /** What has changed since the last look, the oldest first. */
  async news(now: number): Promise<HistoryItem[]> {
    const from = Math.max(this.since, now - overlapMilliseconds);
    const window = { from, to: now + overlapMilliseconds };
    const fresh: string[] = [];
    for (const source of this.choice.sources) {
      for await (const { webhookId } of this.reader.bySource(source, window)) {
        if (!this.#told.has(webhookId)) fresh.push(webhookId);
      }
    }
    const items = await this.reader.getAll([...new Set([...this.#open, ...fresh])]);
    const changed: HistoryItem[] = [];
    for (const item of items) {
      const state = `${item.status} ${item.attempts} ${item.acceptedAs ?? ""}`;
      if (this.#told.get(item.webhookId)?.state === state) continue;
      this.#told.set(item.webhookId, { state, receivedAt: item.receivedAt });
      if (item.status === "processing" || item.status === "failed") this.#watch(item.webhookId);
      else this.#open.delete(item.webhookId);
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
      if (receivedAt < now - 2 * overlapMilliseconds && !this.#open.has(webhookId))
        this.#told.delete(webhookId);
    }
  }
}
