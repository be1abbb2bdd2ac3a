import type { SQSRecord } from "aws-lambda";
import { decodeHandOver, isHandOver } from "../../runtime/subscribers/message.js";

/** What reached each subscriber's target, and which tries may have reached it without anybody knowing. */
export class Ledger {
  readonly #reached = new Map<string, number[]>();
  readonly #unsure = new Map<string, number>();
  readonly #died = new Map<string, number>();

  /**
   * A target has a webhook.
   *
   * @param at epoch milliseconds
   */
  reached(subscriber: string, event: string, at = Date.now()): void {
    const times = this.#reached.get(key(subscriber, event));
    if (times === undefined) this.#reached.set(key(subscriber, event), [at]);
    else times.push(at);
  }

  /** A try of a webhook failed. */
  unsure(subscriber: string, event: string): void {
    count(this.#unsure, key(subscriber, event));
  }

  /** An invocation that had these messages failed: what became of its webhooks may not be recorded. */
  died(records: readonly SQSRecord[]): void {
    for (const { body } of records.filter(isHandOver)) {
      const { subscriber, eventId } = decodeHandOver(body);
      this.unsure(subscriber, eventId);
      count(this.#died, key(subscriber, eventId));
    }
  }

  timesReached(subscriber: string, event: string): number {
    return this.#reached.get(key(subscriber, event))?.length ?? 0;
  }

  /** Shortest time after which a target had a webhook again. Infinite if it never did. */
  shortestGapSeconds(subscriber: string, event: string): number {
    const times = (this.#reached.get(key(subscriber, event)) ?? []).toSorted((left, right) => left - right);
    const gaps = times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / 1_000);
    return Math.min(...gaps);
  }

  timesDied(subscriber: string, event: string): number {
    return this.#died.get(key(subscriber, event)) ?? 0;
  }

  timesUnsure(subscriber: string, event: string): number {
    return this.#unsure.get(key(subscriber, event)) ?? 0;
  }
}

function key(subscriber: string, event: string): string {
  return `${subscriber} ${event}`;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
