import { isNumberText } from "../envelope/json.js";

/** Whether a value of a parsed webhook has no values inside: a text, number, boolean or null. */
export function isSingleValue(value: unknown): boolean {
  return value !== undefined && (typeof value !== "object" || value === null || isNumberText(value));
}

/** The value under a key of an object, or undefined. */
export function valueUnder(value: unknown, key: string): unknown {
  if (isSingleValue(value) || !Object.hasOwn(value ?? {}, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

/** Where a value stands: keys and positions, starting at the webhook's root. */
export type Place = readonly (string | number)[];

/**
 * The members of a list, and of the lists in it. Lists can be nested deeper than calls can, so this does not call itself.
 */
export function* membersOf(list: readonly unknown[]): Generator<unknown> {
  for (const { value } of placedMembersOf(list)) yield value;
}

/** The single values at a path from the webhook's root, through all lists on the way. */
export function* placedValuesAt(
  value: unknown,
  path: readonly string[],
): Generator<{ readonly place: Place; readonly value: unknown }> {
  if (Array.isArray(value)) {
    for (const member of placedMembersOf(value)) {
      for (const found of placedValuesAt(member.value, path)) {
        yield { place: [...member.positions(), ...found.place], value: found.value };
      }
    }
    return;
  }
  const [key, ...rest] = path;
  if (key === undefined) {
    if (isSingleValue(value)) yield { place: [], value };
    return;
  }
  for (const found of placedValuesAt(valueUnder(value, key), rest)) {
    yield { place: [key, ...found.place], value: found.value };
  }
}

/** Whether there is a single value at a path. */
export function hasValueAt(value: unknown, path: readonly string[]): boolean {
  if (Array.isArray(value)) {
    for (const member of membersOf(value)) if (hasValueAt(member, path)) return true;
    return false;
  }
  const [key, ...rest] = path;
  return key === undefined ? isSingleValue(value) : hasValueAt(valueUnder(value, key), rest);
}

/** A member's positions are in the list, in the list in it, and so on. They are copied only for who asks. */
function* placedMembersOf(
  list: readonly unknown[],
): Generator<{ readonly value: unknown; positions(): number[] }> {
  const open = [{ list, next: 0 }];
  const positions = () => open.map(({ next }) => next - 1);
  for (let current = open.at(-1); current !== undefined; current = open.at(-1)) {
    if (current.next === current.list.length) {
      open.pop();
      continue;
    }
    const value = current.list[current.next++];
    if (Array.isArray(value)) open.push({ list: value, next: 0 });
    else yield { value, positions };
  }
}
