import type { Clause, EventPattern, PatternField } from "../stage/event-pattern.js";
import { fitsClause } from "./clause.js";
import { hasValueAt, isSingleValue, membersOf, valueUnder } from "./values-at.js";

/** A field of a pattern, with "no value" apart from the values that fit. */
interface Requirement {
  readonly path: readonly string[];
  readonly clauses: readonly Clause[];
  readonly mayBeAbsent: boolean;
}

function requirementOf({ path, clauses }: PatternField): Requirement {
  const absent = clauses.filter(isAbsence);
  return { path, clauses: clauses.filter((clause) => !isAbsence(clause)), mayBeAbsent: absent.length > 0 };
}

/**
 * Matches one webhook against a pattern, in time that is proportional to the webhook's size.
 *
 * In lists it is as in EventBridge's ruler: a value fits if one of several does, and fields inside the objects of a list
 * must fit in the same object (https://github.com/aws/event-ruler#json-array-matching).
 */
export class PatternMatch {
  /** The combinations of fields of which one must fit. */
  readonly combinations: readonly (readonly PatternField[])[];
  /** The first combination that fits. */
  readonly fitting: readonly PatternField[] | undefined;
  readonly #event: object;
  readonly #alone = new Map<PatternField, boolean>();

  constructor(event: object, { fields, anyOf }: EventPattern) {
    this.#event = event;
    this.combinations = anyOf.map((positions) => positions.flatMap((position) => fields[position] ?? []));
    this.fitting = this.combinations.find((combination) => this.fitTogether(combination));
  }

  /** Whether a field fits, whatever the others do. */
  fitsAlone(field: PatternField): boolean {
    const known = this.#alone.get(field) ?? fitsAll(this.#event, [field]);
    this.#alone.set(field, known);
    return known;
  }

  /** Whether fields fit, in lists the same objects. */
  fitTogether(fields: readonly PatternField[]): boolean {
    return fields.filter(mustExist).every((field) => this.fitsAlone(field)) && fitsAll(this.#event, fields);
  }
}

/**
 * Whether a field needs a value. One that does not may fit together with others only: `exists: false` means one object of
 * a list if another field has chosen it, and the whole list by itself.
 */
export function mustExist({ clauses }: PatternField): boolean {
  return !clauses.some(isAbsence);
}

function fitsAll(event: object, fields: readonly PatternField[]): boolean {
  return fits(event, fields.map(requirementOf).sort(byName), 0);
}

/**
 * The ruler tries fields by their names. The order decides what `exists: false` means in a list: of an object of the list
 * if a field before it has chosen one, else of all.
 */
function byName({ path: one }: Requirement, { path: other }: Requirement): number {
  const [first, second] = [one.join("."), other.join(".")];
  return first < second ? -1 : first > second ? 1 : 0;
}

/**
 * Whether the value at a place fits all requirements that lead through it. It calls itself once for each key of a path.
 *
 * @param depth keys of the paths that lead to the place
 */
function fits(value: unknown, requirements: readonly Requirement[], depth: number): boolean {
  const [first] = requirements;
  if (first === undefined) return true;
  // No path is the beginning of another, so this is the only one.
  if (first.path.length === depth) return fitsHere(value, first);
  if (Array.isArray(value)) return fitsInOneMember(value, requirements, depth);
  for (const [key = "", own] of Map.groupBy(requirements, ({ path }) => path[depth])) {
    if (!fits(valueUnder(value, key), own, depth + 1)) return false;
  }
  return true;
}

function fitsHere(value: unknown, { clauses, mayBeAbsent }: Requirement): boolean {
  let absent = true;
  for (const one of Array.isArray(value) ? membersOf(value) : [value]) {
    if (!isSingleValue(one)) continue;
    if (clauses.some((clause) => fitsClause(one, clause))) return true;
    absent = false;
  }
  return absent && mayBeAbsent;
}

/** The first requirement that has a value in the list chooses the member that all after it must fit. */
function fitsInOneMember(
  list: readonly unknown[],
  requirements: readonly Requirement[],
  depth: number,
): boolean {
  for (const [index, requirement] of requirements.entries()) {
    const { path, clauses, mayBeAbsent } = requirement;
    if (mayBeAbsent && !hasValueAt(list, path.slice(depth))) continue;
    const chosen = [{ path, clauses, mayBeAbsent: false }, ...requirements.slice(index + 1)];
    for (const member of membersOf(list)) if (fits(member, chosen, depth)) return true;
    return false;
  }
  return true;
}

function isAbsence(clause: Clause): boolean {
  return typeof clause === "object" && clause !== null && "exists" in clause && !clause.exists;
}
