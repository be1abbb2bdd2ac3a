import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type HistoryAttributes, historyAttributes as names } from "../../../runtime/history/item.js";
import { historySchema as keys } from "../../../runtime/history/schema.js";
import type { HistoryStore } from "../../../runtime/history/store.js";

/**
 * The history's conditional writes in memory, for thousands of schedules. `store-differential.test.ts` holds it against
 * dynalite.
 *
 * @param items the table, by key
 * @param beforeRead awaited between a refusal and the read of the item that stood in the way; without it the refusal carries
 * the item, as DynamoDB's own does
 */
export function createMemoryStore(
  items: Map<string, HistoryAttributes>,
  clock: () => number,
  beforeRead?: () => Promise<void>,
): HistoryStore {
  const refusal = async (key: string, item: HistoryAttributes | undefined) => {
    if (beforeRead === undefined) return { ...item };
    await beforeRead();
    return { ...items.get(key) };
  };
  return {
    async putIfAbsent(item) {
      const key = textOf(item[keys.hashKey]) ?? "";
      const there = items.get(key);
      const expires = there?.[keys.ttl]?.N;
      const expired = expires !== undefined && Number(expires) <= Math.floor(clock() / 1000);
      if (there !== undefined && !expired) return refusal(key, there);
      items.set(key, { ...item });
      return undefined;
    },

    async updateIfUnchanged(key, seen, { set, remove }) {
      const there = items.get(key);
      const unchanged =
        there !== undefined &&
        textOf(there[names.token]) === seen.token &&
        textOf(there[names.status]) === seen.status;
      if (!unchanged) return refusal(key, there);
      const removed = Object.entries(there).filter(([name]) => !remove.includes(name));
      items.set(key, { ...Object.fromEntries(removed), ...set });
      return undefined;
    },
  };
}

function textOf(value: AttributeValue | undefined): string | undefined {
  return value?.S;
}
