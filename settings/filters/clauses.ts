import { comparable, largestComparable } from "../../runtime/filter/comparable-number.js";
import { parseIpAddress, parseIpRange } from "../../runtime/filter/ip-address.js";
import type { Clause, NumericBound, NumericOperator } from "../../runtime/stage/event-pattern.js";

/** A problem in a pattern, with its place in the pattern. */
export interface PatternProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The values that fit a field, or what is wrong with them. */
interface ParsedClauses {
  readonly clauses: readonly Clause[];
  readonly problems: readonly PatternProblem[];
}

/** Reads the list of values that fit a field. */
export function parseClauses(raw: readonly unknown[]): ParsedClauses {
  if (raw.length === 0) {
    return { clauses: [], problems: [{ path: [], message: "must not be empty: no value would fit" }] };
  }
  const clauses: Clause[] = [];
  const problems: PatternProblem[] = [];
  for (const [index, one] of raw.entries()) {
    try {
      clauses.push(parseClause(one));
    } catch (error) {
      if (!(error instanceof ClauseError)) throw error;
      problems.push({ path: [index, ...error.path], message: error.message });
    }
  }
  return { clauses, problems };
}

/** What is wrong with a clause, and where in it. */
class ClauseError extends Error {
  override readonly name = "ClauseError";

  constructor(
    message: string,
    readonly path: readonly (string | number)[] = [],
  ) {
    super(message);
  }
}

/** The operators, each with the reader of its value. */
const operators: Readonly<Record<string, (value: unknown) => Clause>> = {
  prefix: (value) => ({ prefix: textInCase(value) }),
  suffix: (value) => ({ suffix: textInCase(value) }),
  "equals-ignore-case": (value) => ({ "equals-ignore-case": textIgnoringCase(value) }),
  wildcard: (value) => ({ wildcard: wildcard(value) }),
  "anything-but": (value) => ({ "anything-but": unwanted(value) }),
  numeric: (value) => ({ numeric: bounds(value) }),
  exists: (value) => {
    if (typeof value !== "boolean") throw new ClauseError("must be true or false");
    return { exists: value };
  },
  cidr: (value) => {
    if (parseIpRange(text(value)) === undefined) {
      throw new ClauseError(
        "must be a range of IP addresses, such as 10.0.0.0/8 or 2001:db8::/32; a single address is written as a value, without cidr",
      );
    }
    return { cidr: text(value) };
  },
};

/** What can stand inside `anything-but`. */
const unwantedTexts = {
  prefix: (value: unknown) => notEmpty(text(value)),
  suffix: (value: unknown) => notEmpty(text(value)),
  "equals-ignore-case": textIgnoringCase,
  wildcard,
} as const;

/**
 * Names that EventBridge's ruler does not take for fields inside `$or` (https://github.com/aws/event-ruler, `Constants`).
 */
export const reservedNames: readonly string[] = [
  ...Object.keys(operators),
  "exactly",
  "=",
  "<",
  "<=",
  ">",
  ">=",
  "regex",
  "not-wildcard",
  "not-equals-ignore-case",
  "date-after",
  "date-on-or-after",
  "date-before",
  "date-on-or-before",
  "in-date-range",
  "ip-address-in-range",
  "ip-address-not-in-range",
];

function parseClause(raw: unknown): Clause {
  if (typeof raw === "string") return parseIpAddress(text(raw)) === undefined ? raw : { address: raw };
  if (typeof raw === "number") return number(raw);
  if (typeof raw === "boolean" || raw === null) return raw;
  if (!isPlainObject(raw)) {
    throw new ClauseError(
      "must be a text, a number, true, false, null, or an operator such as { prefix: a }",
    );
  }
  const [operator, value] = onlyEntry(raw, Object.keys(operators));
  return inside(operator, () => operators[operator]?.(value) ?? null);
}

/** The only key and value of an object, and the key is one of these. */
function onlyEntry(raw: Readonly<Record<string, unknown>>, known: readonly string[]): [string, unknown] {
  const entries = Object.entries(raw);
  const [first] = entries;
  const stranger = entries.find(([name]) => !known.includes(name));
  if (stranger !== undefined) {
    throw new ClauseError(`is not an operator here; the operators are ${known.join(", ")}`, [stranger[0]]);
  }
  if (first === undefined || entries.length > 1) {
    throw new ClauseError(
      `must have exactly one operator (${known.join(", ")}): write an object for each, and the value must fit one of them`,
    );
  }
  return first;
}

/** Adds a key to the path of what is wrong inside. */
function inside<Value>(key: string | number, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ClauseError)) throw error;
    throw new ClauseError(error.message, [key, ...error.path]);
  }
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new ClauseError("must be a text");
  if (!value.isWellFormed()) throw new ClauseError("has half a character: it is no valid Unicode");
  return value;
}

function notEmpty(value: string): string {
  if (value === "") throw new ClauseError("must not be empty: it would exclude every text");
  return value;
}

/** EventBridge's ruler takes each half of such a character for a question mark, so the pattern would not fit itself. */
function textIgnoringCase(value: unknown): string {
  const wanted = text(value);
  if (/[\u{10000}-\u{10ffff}]/u.test(wanted)) {
    throw new ClauseError(
      "cannot ignore the case of emoji and other characters above U+FFFF, as EventBridge cannot: compare them without equals-ignore-case",
    );
  }
  return wanted;
}

function textInCase(value: unknown): string | { "equals-ignore-case": string } {
  if (!isPlainObject(value)) return text(value);
  const [key, wanted] = onlyEntry(value, ["equals-ignore-case"]);
  return inside(key, () => ({ "equals-ignore-case": textIgnoringCase(wanted) }));
}

function wildcard(value: unknown): string {
  const pattern = text(value);
  // An escaped character stands for itself, so it is taken out first.
  const unescaped = pattern.replace(/\\[\\*]/g, "_");
  if (unescaped.includes("\\")) {
    throw new ClauseError("has a \\ that escapes neither * nor \\: write \\\\ for the character itself");
  }
  if (unescaped.includes("**"))
    throw new ClauseError("has two * in a row: one stands for any characters already");
  return pattern;
}

function unwanted(value: unknown) {
  if (isPlainObject(value)) {
    const [key, texts] = onlyEntry(value, Object.keys(unwantedTexts));
    const operator = key as keyof typeof unwantedTexts;
    return inside(key, () => ({ [operator]: members(texts, unwantedTexts[operator]) }) as UnwantedTexts);
  }
  const values = Array.isArray(value) ? value : [value];
  if (values.every((one) => typeof one === "number")) {
    return members(value, (one) => comparableNumber(one));
  }
  if (values.every((one) => typeof one === "string")) return members(value, text);
  throw new ClauseError(
    "must be a text, a number, a list of texts or a list of numbers, or an operator for texts",
  );
}

type UnwantedTexts = {
  readonly [Operator in keyof typeof unwantedTexts]: Record<Operator, string[]>;
}[keyof typeof unwantedTexts];

/** A list, or a single member. */
function members<Member>(value: unknown, read: (one: unknown) => Member): Member[] {
  if (!Array.isArray(value)) return [read(value)];
  if (value.length === 0) throw new ClauseError("must not be empty: leave it out instead");
  return value.map((one, index) => inside(index, () => read(one)));
}

/** A number whose digits the settings have kept. */
function number(value: number): number {
  if (Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)) return value;
  throw new ClauseError(
    `is too large: the settings keep whole numbers exactly up to ${Number.MAX_SAFE_INTEGER}, and another number could fit by mistake`,
  );
}

function comparableNumber(value: unknown): number {
  if (typeof value !== "number") throw new ClauseError("must be a number");
  if (comparable(value) === undefined) {
    throw new ClauseError(`must be from -${largestComparable} to ${largestComparable}, as in EventBridge`);
  }
  return value;
}

const form = 'must be a list such as ["=", 5], [">", 0] or [">", 0, "<=", 5]';

/** Reads an operator and a number, or the lower and then the upper end of a range. */
function bounds(value: unknown): NumericBound[] {
  if (!Array.isArray(value) || ![2, 4].includes(value.length)) throw new ClauseError(form);
  const isRange = value.length === 4;
  const [operator, bound, upperOperator, upperBound] = value as unknown[];
  const first = numericBound(operator, bound, 0, isRange ? [">", ">="] : ["=", "<", "<=", ">", ">="]);
  const read = isRange ? [first, numericBound(upperOperator, upperBound, 2, ["<", "<="])] : [first];
  const end = (sign: "<" | ">", otherwise: number) =>
    comparable(read.find(([one]) => one.startsWith(sign))?.[1] ?? otherwise) ?? 0;
  if (first[0] !== "=" && end(">", -largestComparable) >= end("<", largestComparable)) {
    throw new ClauseError(
      `leaves no number: the ends must be a millionth apart, and numbers are compared from -${largestComparable} to ${largestComparable}`,
    );
  }
  return read;
}

function numericBound(
  operator: unknown,
  bound: unknown,
  index: number,
  known: readonly NumericOperator[],
): NumericBound {
  if (!known.includes(operator as NumericOperator)) {
    throw new ClauseError(`must be one of ${known.join(" ")}`, [index]);
  }
  return [operator as NumericOperator, inside(index + 1, () => comparableNumber(bound))];
}

/** Whether a value is an object with keys, as JSON and YAML have it. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
