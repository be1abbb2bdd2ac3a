import { describe, expect, it } from "vitest";
import {
  itemBytes,
  type TableSchema,
  type WireItem,
  writeUnits,
} from "../../bench/handler/emulator/write-units.js";

/** An item of so many bytes: `id` and its value take 3, `filling` as a name 7. */
function itemOf(bytes: number, more: WireItem = {}): WireItem {
  return { id: { S: "a" }, filling: { S: "x".repeat(bytes - 10) }, ...more };
}

const plain: TableSchema = { keys: ["id"], indexes: [] };
const indexed: TableSchema = { keys: ["id"], indexes: [{ keys: ["day", "at"], projected: [] }] };
const listed = { day: { S: "2026-01-01" }, at: { N: "5" } };

describe("itemBytes", () => {
  it.each<[string, WireItem, number]>([
    ["a text by its UTF-8 bytes, its name included", { é: { S: "né" } }, 2 + 3],
    ["an even number of digits", { n: { N: "1767225600" } }, 1 + 4 + 1],
    ["an odd number of digits", { n: { N: "12345" } }, 1 + 3 + 1],
    ["a negative fraction without its zeros", { n: { N: "-0.0120" } }, 1 + 1 + 1 + 1],
    ["zero", { n: { N: "0" } }, 1 + 1],
    ["binary by its bytes, not its base64", { b: { B: Buffer.alloc(10).toString("base64") } }, 1 + 10],
    ["a truth value and nothing", { t: { BOOL: true }, n: { NULL: true } }, 1 + 1 + 1 + 1],
    ["a set", { s: { SS: ["ab", "cd"] } }, 1 + 4],
    [
      "a list, with three bytes and one for each element",
      { l: { L: [{ S: "ab" }, { S: "c" }] } },
      1 + 3 + 3 + 2,
    ],
    ["a map, likewise", { m: { M: { k: { S: "ab" } } } }, 1 + 3 + 1 + 3],
  ])("counts %s", (_, item, bytes) => {
    expect(itemBytes(item)).toBe(bytes);
  });
});

describe("writeUnits", () => {
  const write = { before: undefined, after: undefined, conditionFailed: false };

  it.each([
    [1, 11],
    [1, 1_024],
    [2, 1_025],
    [3, 2_500],
    [400, 409_600],
  ])("takes %d for a new item of %d bytes", (units, bytes) => {
    expect(itemBytes(itemOf(bytes))).toBe(bytes);
    expect(writeUnits(plain, { ...write, after: itemOf(bytes) })).toBe(units);
  });

  it("takes the larger of the item before and after, however little changes", () => {
    expect(writeUnits(plain, { ...write, before: itemOf(5_000), after: itemOf(100) })).toBe(5);
    expect(writeUnits(plain, { ...write, before: itemOf(100), after: itemOf(5_000) })).toBe(5);
    expect(writeUnits(plain, { ...write, before: itemOf(5_000) })).toBe(5);
  });

  it("takes the item that stands in the way for a condition that fails, at least 1, and nothing for indexes", () => {
    const failed = { ...write, conditionFailed: true };
    const standing = itemOf(2_500, listed);
    expect(writeUnits(indexed, { ...failed, before: standing, after: standing })).toBe(3);
    expect(writeUnits(indexed, failed)).toBe(1);
  });

  it.each<[string, WireItem | undefined, WireItem | undefined, number]>([
    ["an item that comes into the index", undefined, itemOf(100, listed), 1 + 1],
    ["an item that has what the index goes by only now", itemOf(100), itemOf(100, listed), 1 + 1],
    ["an item that leaves the index", itemOf(100, listed), itemOf(100), 1 + 1],
    ["an item that is deleted", itemOf(100, listed), undefined, 1 + 1],
    ["an item that moves in the index", itemOf(99, listed), itemOf(99, { ...listed, at: { N: "6" } }), 1 + 2],
    ["a change that the index does not show", itemOf(100, listed), itemOf(3_000, listed), 3],
    ["an item that has only half of the index's key", undefined, itemOf(100, { day: { S: "x" } }), 1],
  ])("takes for %s what its table and index take", (_, before, after, units) => {
    expect(writeUnits(indexed, { ...write, before, after })).toBe(units);
  });

  it("takes only what is projected for an index, at least 1", () => {
    const wide = (projected: "all" | string[]): TableSchema => ({
      keys: ["id"],
      indexes: [{ keys: ["day", "at"], projected }],
    });
    const after = itemOf(3_000, { ...listed, note: { S: "y".repeat(2_000) } });
    expect(writeUnits(wide([]), { ...write, after })).toBe(5 + 1);
    expect(writeUnits(wide(["note"]), { ...write, after })).toBe(5 + 2);
    expect(writeUnits(wide("all"), { ...write, after })).toBe(5 + 5);
  });

  it("takes one write for an index whose projected attribute alone changes", () => {
    const schema: TableSchema = { keys: ["id"], indexes: [{ keys: ["day", "at"], projected: ["note"] }] };
    const before = itemOf(100, { ...listed, note: { S: "y".repeat(2_000) } });
    expect(writeUnits(schema, { ...write, before, after: { ...before, note: { S: "z" } } })).toBe(3 + 2);
  });
});
