import type { EventPattern, PatternField } from "../../runtime/stage/event-pattern.js";
import { isPlainObject, type PatternProblem, parseClauses, reservedNames } from "./clauses.js";

/** Far more than anybody writes, and few enough to try each. `$or` in `$or` multiply. */
const mostCombinations = 1_000;

/** Far more than any pattern needs. */
const mostKeys = 100;

/** What a pattern can look at. Bodies have any form, the others are texts. */
const roots = ["source", "type", "method", "headers", "query", "body"];

/** What the pattern of a rule can look at: docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
const busRoots = [
  "version",
  "id",
  "detail-type",
  "source",
  "account",
  "time",
  "region",
  "resources",
  "detail",
];

/** A pattern in the form that the function gets, or everything that is wrong with it. */
export type ParsedPattern =
  | { readonly pattern: EventPattern }
  | { readonly problems: readonly PatternProblem[] };

/**
 * Reads an EventBridge event pattern over `{ source, type, method, headers, query, body }`.
 *
 * It refuses what EventBridge refuses, and a few things that EventBridge takes but that cannot mean what they seem to:
 * see docs/filters.md.
 */
export function parseEventPattern(raw: unknown): ParsedPattern {
  return parse(raw, placeProblem);
}

/** Reads the pattern of a rule of an EventBridge bus. */
export function parseBusPattern(raw: unknown): ParsedPattern {
  return parse(raw, ([root = "", ...inside]) =>
    inside.length > 0 || busRoots.includes(root)
      ? undefined
      : `is not a part of an event: a pattern looks at ${inWords(busRoots)}`,
  );
}

function parse(raw: unknown, problemOf: ProblemOfPlace): ParsedPattern {
  const reader = new PatternReader(problemOf);
  const anyOf = reader.object(raw, { at: [], path: [], inOr: false });
  const { fields } = reader;
  const problems = [...reader.problems, ...repeatedPaths(fields, anyOf)];
  if (problems.length > 0) return { problems };
  return { pattern: { fields: fields.map(({ path, clauses }) => ({ path, clauses })), anyOf } };
}

/** A field, and where it is written. */
interface WrittenField extends PatternField {
  readonly at: PatternProblem["path"];
}

/** Positions of fields that must all fit. */
type Combination = readonly number[];

/** Where the reader is. */
interface Position {
  /** In the pattern as it is written. */
  readonly at: PatternProblem["path"];
  /** In the webhook. */
  readonly path: readonly string[];
  readonly inOr: boolean;
}

class PatternReader {
  readonly fields: WrittenField[] = [];
  readonly problems: PatternProblem[] = [];

  constructor(private readonly problemOf: ProblemOfPlace) {}

  /** Reads an object of fields. Returns the combinations that it stands for. */
  object(raw: unknown, position: Position): readonly Combination[] {
    const { at, path } = position;
    if (!isPlainObject(raw)) {
      return this.#refuse(at, 'must be an object of fields, such as { body: { status: ["paid"] } }');
    }
    const entries = Object.entries(raw);
    if (entries.length === 0) return this.#refuse(at, "must have at least one field");
    if (path.length >= mostKeys) return this.#refuse(at, `is nested more than ${mostKeys} levels deep`);
    let combinations: readonly Combination[] = [[]];
    for (const [key, value] of entries) {
      const read =
        key === "$or"
          ? this.#either(value, { ...position, at: [...at, key] })
          : this.#field(key, value, position);
      if (combinations.length * read.length > mostCombinations) {
        return this.#refuse(at, `stands for more than ${mostCombinations} combinations of fields`);
      }
      combinations = combinations.flatMap((one) => read.map((other) => [...one, ...other]));
    }
    return combinations;
  }

  #either(raw: unknown, position: Position): readonly Combination[] {
    const { at } = position;
    if (!Array.isArray(raw) || raw.length < 2) {
      return this.#refuse(at, "must be a list of at least two objects of fields, of which one must fit");
    }
    const combinations = raw.flatMap((one, index) =>
      this.object(one, { ...position, at: [...at, index], inOr: true }),
    );
    return combinations.length > mostCombinations
      ? this.#refuse(at, `stands for more than ${mostCombinations} combinations of fields`)
      : combinations;
  }

  #field(key: string, value: unknown, { at: parent, path: before, inOr }: Position): readonly Combination[] {
    const at = [...parent, key];
    // HTTP does not distinguish upper and lower case in headers' names.
    const path = [...before, before.length === 1 && before[0] === "headers" ? key.toLowerCase() : key];
    const problem = this.problemOf(path, value) ?? (inOr ? reservedProblem(key) : undefined);
    if (problem !== undefined) return this.#refuse(at, problem);
    if (isPlainObject(value)) return this.object(value, { at, path, inOr });
    if (!Array.isArray(value)) {
      return this.#refuse(
        at,
        'must be a list of the values that fit, such as ["paid"], or an object of fields',
      );
    }
    const { clauses, problems } = parseClauses(value);
    for (const { path: inside, message } of problems) this.#refuse([...at, ...inside], message);
    this.fields.push({ at, path, clauses });
    return [[this.fields.length - 1]];
  }

  #refuse(path: PatternProblem["path"], message: string): readonly Combination[] {
    this.problems.push({ path, message });
    // As if there were no field, so that the rest is read, too.
    return [[]];
  }
}

/** What is wrong with looking at a place. */
type ProblemOfPlace = (path: readonly string[], value: unknown) => string | undefined;

/** What is wrong with looking at a place of a webhook. */
function placeProblem(path: readonly string[], value: unknown): string | undefined {
  const [root = "", ...inside] = path;
  if (inside.length === 0) {
    if (!roots.includes(root)) {
      return `is not a part of a webhook: a pattern looks at ${inWords(roots)}`;
    }
    if (root === "headers" || root === "query") {
      return Array.isArray(value)
        ? `must be an object with the names of ${root === "headers" ? "headers" : "query parameters"}`
        : undefined;
    }
  }
  const isText = root !== "body" && (inside.length === 1 || !["headers", "query"].includes(root));
  return isText && isPlainObject(value)
    ? 'is a text, so it takes a list of values, such as ["paid"]'
    : undefined;
}

function inWords(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function reservedProblem(key: string): string | undefined {
  return reservedNames.includes(key)
    ? `cannot be a field inside $or: EventBridge takes "${key}" for an operator and the whole $or for a field`
    : undefined;
}

/**
 * Fields that one combination has twice, or of which one contains the other. In EventBridge the later one silently replaces
 * the earlier one.
 */
function repeatedPaths(
  fields: readonly WrittenField[],
  anyOf: readonly Combination[],
): readonly PatternProblem[] {
  const refused = new Map<number, PatternProblem>();
  for (const combination of anyOf) {
    const taken = new Map<string, number>();
    for (const position of combination) {
      const { path = [], at = [] } = fields[position] ?? {};
      const name = JSON.stringify(path);
      if (taken.has(name)) {
        refused.set(position, {
          path: at,
          message: "is there twice: one of the two would replace the other",
        });
      }
      taken.set(name, position);
    }
    for (const position of combination) {
      const { path = [], at = [] } = fields[position] ?? {};
      const isInside = path.some((_, index) => index > 0 && taken.has(JSON.stringify(path.slice(0, index))));
      if (isInside) {
        refused.set(position, {
          path: at,
          message: "is inside a field that is compared itself: a value cannot be both",
        });
      }
    }
  }
  return [...refused.values()];
}
