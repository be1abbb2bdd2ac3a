/** An attribute's value in DynamoDB's JSON. Binary values are base64. */
export type WireValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: boolean }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly WireValue[] }
  | { readonly M: WireItem };

export type WireItem = { readonly [attribute: string]: WireValue };

/** The parts of a table's definition that decide what its writes cost. */
export interface TableSchema {
  /** Names of the table's own key attributes. */
  readonly keys: readonly string[];
  readonly indexes: readonly IndexSchema[];
}

export interface IndexSchema {
  /** Names of the index's key attributes. An item that lacks one is not in the index. */
  readonly keys: readonly string[];
  /** Attributes in the index in addition to its keys and the table's. */
  readonly projected: "all" | readonly string[];
}

/** One write request and what it did to its item. */
export interface Write {
  /** The item before the write. Absent if there was none. */
  readonly before: WireItem | undefined;
  /** The item after the write. Absent if it was deleted. Meaningless if the condition failed. */
  readonly after: WireItem | undefined;
  readonly conditionFailed: boolean;
}

/**
 * Write request units of one standard (not transactional) write, as DynamoDB counts them:
 *
 * - The table: the larger of the item before and after, also for an update of a few attributes, rounded up to 1 KB.
 *   docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 * - A condition that fails: the size of the item that is there, at least 1 unit, and nothing for the indexes.
 *   docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.ConditionalWrites.ReturnConsumedCapacity
 * - Each global index: one write of the projected attributes if the item is added to the index, removed from it, or
 *   changed in other attributes than its index keys; two, a delete and a put, if an index key changes; none if no
 *   projected attribute changes.
 *   docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
 */
export function writeUnits(schema: TableSchema, { before, after, conditionFailed }: Write): number {
  if (conditionFailed) return unitsOf(before);
  const table = Math.max(unitsOf(before), unitsOf(after));
  return schema.indexes.reduce((sum, index) => sum + indexUnits(schema, index, before, after), table);
}

/**
 * Bytes of an item: names and values, with the overhead of lists and maps.
 * docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemBytes(item: WireItem): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + utf8Bytes(name) + valueBytes(value), 0);
}

function indexUnits(
  schema: TableSchema,
  index: IndexSchema,
  before: WireItem | undefined,
  after: WireItem | undefined,
): number {
  const old = projection(schema, index, before);
  const fresh = projection(schema, index, after);
  if (old === undefined || fresh === undefined) {
    return old === fresh ? 0 : Math.max(unitsOf(old), unitsOf(fresh));
  }
  const moved = index.keys.some((key) => !sameValue(old[key], fresh[key]));
  if (moved) return unitsOf(old) + unitsOf(fresh);
  const names = new Set([...Object.keys(old), ...Object.keys(fresh)]);
  const changed = [...names].some((name) => !sameValue(old[name], fresh[name]));
  return changed ? Math.max(unitsOf(old), unitsOf(fresh)) : 0;
}

/** The part of an item that is in an index. Undefined if it is not in the index. */
function projection(
  schema: TableSchema,
  index: IndexSchema,
  item: WireItem | undefined,
): WireItem | undefined {
  if (item === undefined || index.keys.some((key) => item[key] === undefined)) return undefined;
  if (index.projected === "all") return item;
  const names = new Set([...schema.keys, ...index.keys, ...index.projected]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}

function unitsOf(item: WireItem | undefined): number {
  return Math.max(1, Math.ceil(itemBytes(item ?? {}) / 1_024));
}

/** Sets have no order. That does not matter here, because a request that sends a set again uses its own order. */
function sameValue(one: WireValue | undefined, other: WireValue | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function valueBytes(value: WireValue): number {
  if ("S" in value) return utf8Bytes(value.S);
  if ("N" in value) return numberBytes(value.N);
  if ("B" in value) return binaryBytes(value.B);
  if ("SS" in value) return total(value.SS, utf8Bytes);
  if ("NS" in value) return total(value.NS, numberBytes);
  if ("BS" in value) return total(value.BS, binaryBytes);
  // Three bytes for a list or map, and one for each of its elements.
  if ("L" in value) return 3 + total(value.L, (element) => 1 + valueBytes(element));
  if ("M" in value) return 3 + Object.keys(value.M).length + itemBytes(value.M);
  return 1;
}

/** One byte for two significant digits, zeros at either end not counted, one more, and one for a minus sign. */
function numberBytes(text: string): number {
  const [mantissa = ""] = text.toLowerCase().split("e");
  const digits = mantissa.replace(/[-+.]/g, "").replace(/^0+|0+$/g, "");
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith("-") ? 1 : 0);
}

function binaryBytes(base64: string): number {
  return Buffer.byteLength(base64, "base64");
}

function utf8Bytes(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

function total<Element>(elements: readonly Element[], bytes: (element: Element) => number): number {
  return elements.reduce((sum, element) => sum + bytes(element), 0);
}
