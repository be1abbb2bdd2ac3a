import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HistoryAttributes, historyAttributes as names } from "../../runtime/history/item.js";
import { historySchema as keys } from "../../runtime/history/schema.js";
import { createHistoryStore, type HistoryStore, number, text, texts } from "../../runtime/history/store.js";
import { sharedHistoryTable } from "../support/dynamodb.js";
import { createMemoryStore } from "../support/proof/memory-store.js";
import { assertProperty } from "../support/properties.js";

const database = await sharedHistoryTable();

const tokens = ["token-1", "token-2"] as const;
const statuses = ["processing", "processed", "failed", "rejected"] as const;

interface Operation {
  readonly kind: "put" | "update";
  readonly webhook: number;
  readonly token: string | undefined;
  readonly status: string;
  readonly newToken: string;
  readonly newStatus: string;
  readonly lifeSeconds: number;
  readonly replayIds: readonly string[];
  readonly removed: readonly string[];
  readonly laterSeconds: number;
}

const operations = fc.array(
  fc.record<Operation>({
    kind: fc.constantFrom("put", "update"),
    webhook: fc.nat(1),
    token: fc.option(fc.constantFrom(...tokens), { nil: undefined }),
    status: fc.constantFrom(...statuses),
    newToken: fc.constantFrom(...tokens),
    newStatus: fc.constantFrom(...statuses),
    lifeSeconds: fc.integer({ min: 0, max: 3 }),
    replayIds: fc.array(fc.constantFrom("r-1", "r-2"), { maxLength: 3 }),
    removed: fc.subarray([names.leaseUntil, names.replayIds, names.token, keys.byAttention.hashKey], {
      minLength: 1,
    }),
    laterSeconds: fc.nat(2),
  }),
  { minLength: 1, maxLength: 12 },
);

/** Does an operation; the answer without what only a refusal of DynamoDB's own carries. */
async function perform(store: HistoryStore, key: string, operation: Operation, nowSeconds: number) {
  const { kind, token, status, newToken, newStatus, lifeSeconds, replayIds } = operation;
  if (kind === "put") {
    return store.putIfAbsent({
      [keys.hashKey]: text(key),
      [keys.receivedAt]: number(1),
      [keys.ttl]: number(nowSeconds + lifeSeconds),
      [names.status]: text(newStatus),
      [names.leaseUntil]: number(7),
      ...(token === undefined ? {} : { [names.token]: text(token) }),
      [keys.byAttention.hashKey]: text("failed#1"),
    });
  }
  const set: HistoryAttributes = {
    [names.status]: text(newStatus),
    [names.token]: text(newToken),
    [names.replayIds]: texts(replayIds),
    [names.latestReceivedAt]: number(lifeSeconds),
    [names.finishedAt]: number(lifeSeconds),
    [names.handlerMilliseconds]: number(1),
    [names.crashes]: number(2),
    [names.attempts]: number(lifeSeconds),
  };
  // DynamoDB takes no attribute twice in one update.
  const remove = operation.removed.filter((name) => !Object.hasOwn(set, name));
  return store.updateIfUnchanged(key, { token, status }, { set, remove: [...remove, names.reason] });
}

const decisive: readonly string[] = [
  names.status,
  names.token,
  names.leaseUntil,
  names.attempts,
  names.replayIds,
  names.crashes,
  keys.receivedAt,
  names.latestReceivedAt,
  names.finishedAt,
  names.handlerMilliseconds,
];

/** dynalite sends no item with its refusal, so the store reads what decides; ours has all of it. */
function deciding(item: HistoryAttributes | undefined): Record<string, AttributeValue> | undefined {
  if (item === undefined) return undefined;
  return Object.fromEntries(Object.entries(item).filter(([name]) => decisive.includes(name)));
}

describe("the store of the model runs", () => {
  it("does what DynamoDB's emulator does, write by write", async () => {
    let run = 0;
    const outcomes = new Set<string>();
    await assertProperty(
      fc.asyncProperty(operations, async (sequence) => {
        run += 1;
        let nowSeconds = 1_767_225_600;
        const clock = () => nowSeconds * 1000;
        const items = new Map<string, HistoryAttributes>();
        const inMemory = createMemoryStore(items, clock);
        const inDynalite = createHistoryStore(database.client, database.table, clock);
        for (const operation of sequence) {
          const key = `github/differential-${run}-${operation.webhook}`;
          const ours = await perform(inMemory, key, operation, nowSeconds);
          const theirs = await perform(inDynalite, key, operation, nowSeconds);
          expect(deciding(ours)).toEqual(deciding(theirs));
          expect(items.get(key)).toEqual(await database.attributes(key));
          outcomes.add(`${operation.kind} ${ours === undefined ? "written" : "refused"}`);
          nowSeconds += operation.laterSeconds;
        }
      }),
      150,
    );
    expect([...outcomes].sort()).toEqual(["put refused", "put written", "update refused", "update written"]);
  });
});
