/**
 * Pairs of an event pattern and an event, the same ones for the same seed. Both use few keys and related values, so that many
 * events fit, and others miss by little.
 */
export interface Pair {
  /** Plain JSON. */
  readonly pattern: object;
  /** JSON, with numbers in the forms that senders write. */
  readonly event: string;
}

export function generatePairs(count: number, seed: number): Pair[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const pattern = patternOf(random, 0);
    return { pattern, event: eventFor(pattern, random) };
  });
}

/** Patterns that nobody should take, each wrong in one place. */
export function generateWrongPatterns(count: number, seed: number): object[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const wrong = random.of(wrongClauses)();
    const clauses = random.chance(0.5) ? [wrong] : [clauseOf(random), wrong];
    return random.chance(0.3) ? { b: { c: clauses } } : { a: clauses };
  });
}

const keys = ["a", "b", "c", "a-b", "ключ", "__proto__", "constructor", "length", "0"];
const commonKeys = ["a", "b", "c"];

const texts = [
  ..."a,A,ab,AB,aB,abc,abcabc,aab,b,ba".split(","),
  "",
  " ",
  "\n",
  "a\nb",
  "*",
  "a*b",
  "**",
  "\\",
  "a\\b",
  "\\*",
  '"',
  'a"',
  '""',
  "?",
  "ß",
  "SS",
  "ss",
  "straße",
  "STRASSE",
  "ſ",
  "İ",
  "i̇",
  "ı",
  "I",
  "Σ",
  "σ",
  "ς",
  "ǅ",
  "K",
  "k",
  "é",
  "É",
  "e\u0301",
  "日本",
  "本",
  "日本語日本",
  "😀",
  "a😀b",
  "😀😀",
  "true",
  "null",
  "5",
  "5.0",
  "-1",
  "[redacted]",
  "2024-01-01",
];

const addresses = [
  "10.0.0.1",
  "010.0.0.1",
  "10.0.0.01",
  "10.0.1.0",
  "10.255.255.255",
  "11.0.0.0",
  "192.168.1.1",
  "192.168.001.1",
  "192.169.0.0",
  "172.31.255.255",
  "172.32.0.0",
  "203.0.113.9",
  "203.0.113.19",
  "203.0.113.255",
  "::1",
  "0:0:0:0:0:0:0:1",
  "::",
  "2001:db8::1",
  "2001:DB8:0:0::1",
  "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
  "2001:db9::",
  "fe80::1",
  "febf::1",
  "fec0::1",
  "::ffff:a00:1",
  "::ffff:10.0.0.1",
  "10.0.0",
  "12:30",
  "a:b",
];

const ranges = [
  "10.0.0.0/8",
  "10.0.0.0/24",
  "10.0.0.1/31",
  "10.9.8.7/8",
  "192.168.0.0/16",
  "172.16.0.0/12",
  "203.0.113.0/28",
  "2001:db8::/32",
  "2001:db8::/127",
  "fe80::/10",
  "::ffff:a00:0/8",
];

/** Numbers as senders write them. */
const digits = [
  "0",
  "-0",
  "0.0",
  "-0.0",
  "1",
  "-1",
  "1.0",
  "1e0",
  "10E-1",
  "5",
  "5.0",
  "5.00",
  "5e0",
  "50e-1",
  "0.5E1",
  "5.000001",
  "5.0000001",
  "4.9999999",
  "0.1",
  "0.30000000000000004",
  "0.3",
  "3e-1",
  "100",
  "1e2",
  "1E+2",
  "99.999999",
  "300",
  "3.0e2",
  "0.000001",
  "1e-6",
  "1e-7",
  "1e-300",
  "-1e-7",
  "-0.000001",
  "4999999999.999999",
  "5000000000",
  "5e9",
  "-5000000000",
  "-5e9",
  "5000000000.1",
  "5000000001",
  "6000000000",
  "6e9",
  "6000000000.5",
  "-6000000000",
  "9007199254740991",
  "9007199254740993",
  "12345678901234567890",
  "1e300",
];

const numbers = [
  0, 1, -1, 5, 0.1, 0.3, 0.5, 100, 99.999999, 300, 0.000001, 1e-7, 5.000001, 4999999999, 5e9, -5e9, -100, 2.5,
];
const largeNumbers = [5000000001, 6000000000, 6000000000.5, -6000000000, 9007199254740991];

/** JSON text of a value: objects and lists contain such texts. */
type Json = string;

function patternOf(random: Random, depth: number): Record<string, unknown> {
  const pattern = Object.create(null) as Record<string, unknown>;
  const fields = random.upTo(depth === 0 ? 3 : 2) + 1;
  for (let field = 0; field < fields; field++) {
    const key = random.chance(0.85) ? random.of(commonKeys) : random.of(keys);
    pattern[key] =
      depth < 3 && random.chance(0.4)
        ? patternOf(random, depth + 1)
        : random.list(1, 3, () => clauseOf(random));
  }
  if (depth < 3 && random.chance(0.25)) {
    pattern.$or = random.list(2, 3, () => patternOf(random, depth + 2));
  }
  return pattern;
}

function clauseOf(random: Random): unknown {
  return random.of(clauseKinds)(random);
}

const text = (random: Random) => random.of(random.chance(0.2) ? addresses : texts);
/** The ruler cannot ignore the case of what has two UTF-16 units. */
const foldable = (random: Random) => text(random).replaceAll("😀", "ö");
const wildcardText = (random: Random) =>
  random
    .list(1, 3, () =>
      text(random).slice(0, 3).toWellFormed().replaceAll("\ufffd", "").replace(/[\\*]/g, "\\$&"),
    )
    .join("*");
const wildcardOf = (random: Random) => {
  const wildcard = `${random.chance(0.3) ? "*" : ""}${wildcardText(random)}${random.chance(0.3) ? "*" : ""}`;
  return wildcard.replace(/(?<!\\)((?:\\\\)*)\*{2,}/g, "$1*");
};
const listOf = <Value>(random: Random, make: (random: Random) => Value) =>
  random.chance(0.5) ? make(random) : random.list(1, 3, () => make(random));
const filled = (random: Random) => text(random) || "x";

const clauseKinds: readonly ((random: Random) => unknown)[] = [
  (random) => text(random),
  (random) => text(random),
  (random) => random.of(addresses),
  (random) => random.of(numbers),
  (random) => random.of(numbers),
  (random) => random.of(largeNumbers),
  (random) => random.of([true, false, null]),
  (random) => ({ prefix: text(random).slice(0, 2).toWellFormed().replaceAll("\ufffd", "") }),
  (random) => ({ prefix: { "equals-ignore-case": foldable(random).slice(0, 2) } }),
  (random) => ({ suffix: text(random).slice(-2).toWellFormed().replaceAll("\ufffd", "") }),
  (random) => ({ suffix: { "equals-ignore-case": foldable(random).slice(-2) } }),
  (random) => ({ "equals-ignore-case": foldable(random) }),
  (random) => ({ wildcard: wildcardOf(random) }),
  (random) => ({ "anything-but": listOf(random, text) }),
  (random) => ({ "anything-but": listOf(random, () => random.of(numbers)) }),
  (random) => ({ "anything-but": { prefix: listOf(random, filled) } }),
  (random) => ({ "anything-but": { suffix: listOf(random, filled) } }),
  (random) => ({ "anything-but": { "equals-ignore-case": listOf(random, foldable) } }),
  (random) => ({ "anything-but": { wildcard: listOf(random, wildcardOf) } }),
  (random) => ({ numeric: ["=", random.of(numbers)] }),
  (random) => ({ numeric: [random.of(["<", "<="]), random.of(numbers.filter((one) => one > -5e9))] }),
  (random) => ({ numeric: [random.of([">", ">="]), random.of(numbers.filter((one) => one < 5e9))] }),
  (random) => {
    const low = random.of(numbers.filter((one) => one < 5e9));
    const high = random.of(numbers.filter((one) => one > low + 0.000_002));
    return { numeric: [random.of([">", ">="]), low, random.of(["<", "<="]), high] };
  },
  () => ({ exists: true }),
  () => ({ exists: false }),
  () => ({ exists: false }),
  (random) => ({ cidr: random.of(ranges) }),
];

const wrongClauses: readonly (() => unknown)[] = [
  () => ({}),
  () => [],
  () => ["a"],
  () => ({ equals: "a" }),
  () => ({ Prefix: "a" }),
  () => ({ prefix: "a", suffix: "b" }),
  () => ({ prefix: 5 }),
  () => ({ prefix: ["a"] }),
  () => ({ prefix: null }),
  () => ({ prefix: { wildcard: "a" } }),
  () => ({ prefix: { "equals-ignore-case": 5 } }),
  () => ({ prefix: { "equals-ignore-case": "a", wildcard: "b" } }),
  () => ({ prefix: {} }),
  () => ({ suffix: true }),
  () => ({ suffix: { prefix: "a" } }),
  () => ({ "equals-ignore-case": 5 }),
  () => ({ "equals-ignore-case": ["a"] }),
  () => ({ wildcard: "a**b" }),
  () => ({ wildcard: "\\a" }),
  () => ({ wildcard: "a\\" }),
  () => ({ wildcard: 5 }),
  () => ({ wildcard: ["a"] }),
  () => ({ "anything-but": null }),
  () => ({ "anything-but": true }),
  () => ({ "anything-but": [] }),
  () => ({ "anything-but": ["a", 5] }),
  () => ({ "anything-but": [null] }),
  () => ({ "anything-but": [["a"]] }),
  () => ({ "anything-but": 6e9 }),
  () => ({ "anything-but": [1, 6e9] }),
  () => ({ "anything-but": {} }),
  () => ({ "anything-but": { prefix: "" } }),
  () => ({ "anything-but": { prefix: ["a", ""] } }),
  () => ({ "anything-but": { suffix: "" } }),
  () => ({ "anything-but": { prefix: 5 } }),
  () => ({ "anything-but": { prefix: { "equals-ignore-case": "a" } } }),
  () => ({ "anything-but": { wildcard: "**" } }),
  () => ({ "anything-but": { wildcard: ["a", "\\a"] } }),
  () => ({ "anything-but": { "equals-ignore-case": [5] } }),
  () => ({ "anything-but": { numeric: ["=", 5] } }),
  () => ({ "anything-but": { cidr: "10.0.0.0/8" } }),
  () => ({ "anything-but": { prefix: "a", suffix: "b" } }),
  () => ({ numeric: [] }),
  () => ({ numeric: 5 }),
  () => ({ numeric: ["="] }),
  () => ({ numeric: ["=", "5"] }),
  () => ({ numeric: ["=", null] }),
  () => ({ numeric: ["==", 5] }),
  () => ({ numeric: [5, "="] }),
  () => ({ numeric: ["=", 5, "<", 6] }),
  () => ({ numeric: ["<", 5, ">", 1] }),
  () => ({ numeric: [">", 5, "<", 5] }),
  () => ({ numeric: [">", 5, "<", 1] }),
  () => ({ numeric: [">", 1, ">", 5] }),
  () => ({ numeric: [">", 1, "<"] }),
  () => ({ numeric: [">", 1, "<", 5, "<"] }),
  () => ({ numeric: ["=", 6e9] }),
  () => ({ numeric: [">", -6e9] }),
  () => ({ numeric: ["<", -5e9] }),
  () => ({ numeric: [">=", 5e9] }),
  () => ({ exists: "true" }),
  () => ({ exists: null }),
  () => ({ exists: true, prefix: "a" }),
  () => ({ cidr: "10.0.0.0" }),
  () => ({ cidr: "10.0.0.0/32" }),
  () => ({ cidr: "10.0.0.0/33" }),
  () => ({ cidr: "10.0.0.0/-1" }),
  () => ({ cidr: "10.0.0.0/a" }),
  () => ({ cidr: "10.0.0.0/8/8" }),
  () => ({ cidr: "2001:db8::/128" }),
  () => ({ cidr: "10.0.0/8" }),
  () => ({ cidr: "a/8" }),
  () => ({ cidr: 8 }),
];

/** An event that has the places of a pattern, more or less. */
function eventFor(pattern: Record<string, unknown>, random: Random): Json {
  const members = new Map<string, Json>();
  addMembers(members, pattern, random);
  if (random.chance(0.3)) members.set(random.of(keys), anyJson(random, 2));
  return objectOf(members);
}

function addMembers(members: Map<string, Json>, pattern: Record<string, unknown>, random: Random): void {
  for (const [key, inner] of Object.entries(pattern)) {
    if (key === "$or") {
      for (const one of inner as Record<string, unknown>[]) {
        if (random.chance(0.6)) addMembers(members, one, random);
      }
      continue;
    }
    if (random.chance(0.1)) continue;
    const make = () =>
      Array.isArray(inner)
        ? random.chance(0.9)
          ? leafFor(inner, random)
          : anyJson(random, 2)
        : eventFor(inner as Record<string, unknown>, random);
    members.set(key, inLists(make, random));
  }
}

/** A value, or a list of several, or lists in lists. */
function inLists(make: () => Json, random: Random): Json {
  if (random.chance(0.65)) return make();
  return listText(random.list(0, 3, () => (random.chance(0.2) ? inLists(make, random) : make())));
}

function leafFor(clauses: readonly unknown[], random: Random): Json {
  const clause = random.of(clauses);
  if (random.chance(0.4)) return anyLeaf(random);
  if (typeof clause !== "object" || clause === null) {
    return typeof clause === "number" && random.chance(0.5) ? random.of(digits) : JSON.stringify(clause);
  }
  const [[operator = "", value] = []] = Object.entries(clause);
  if (operator === "exists") return anyLeaf(random);
  if (operator === "numeric") return random.of([random.of(digits), JSON.stringify((value as unknown[])[1])]);
  if (operator === "cidr") return JSON.stringify(random.of(addresses));
  const wanted = textsIn(value);
  if (wanted.length === 0) return random.of(digits);
  const around = (one: string) =>
    random.of([
      one,
      `${one}${random.of(texts)}`,
      `${random.of(texts)}${one}`,
      one.toUpperCase(),
      one.toLowerCase(),
    ]);
  return JSON.stringify(around(random.of(wanted)).replaceAll("*", random.of(["", "a", "日", "*"])));
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function anyLeaf(random: Random): Json {
  if (random.chance(0.4)) return random.of(digits);
  return JSON.stringify(random.chance(0.2) ? random.of([true, false, null]) : text(random));
}

function anyJson(random: Random, depth: number): Json {
  if (depth === 0 || random.chance(0.5)) return anyLeaf(random);
  if (random.chance(0.5)) return listText(random.list(0, 3, () => anyJson(random, depth - 1)));
  return objectOf(new Map(random.list(0, 2, () => [random.of(keys), anyJson(random, depth - 1)] as const)));
}

function objectOf(members: ReadonlyMap<string, Json>): Json {
  return `{${[...members].map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`;
}

function listText(members: readonly Json[]): Json {
  return `[${members.join(",")}]`;
}

/** Mulberry32: small, and the same everywhere. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to, but not including, 1. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, but not including, the limit. */
  upTo(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }

  of<Value>(values: readonly Value[]): Value {
    return values[this.upTo(values.length)] as Value;
  }

  list<Value>(least: number, most: number, make: () => Value): Value[] {
    return Array.from({ length: least + this.upTo(most - least + 1) }, make);
  }
}
