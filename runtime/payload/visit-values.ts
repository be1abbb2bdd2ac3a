import { isNumberText } from "../envelope/json.js";
import type { RedactedPath } from "../stage/definition.js";
import { isNamed } from "./json-spans.js";

/**
 * Visits all values at a path of a body that `parseExactly` has read. Each visit gets the object or list that contains
 * the value, and the value's key in it.
 *
 * @returns true if there are any
 */
export function visitValues(
  body: unknown,
  path: RedactedPath,
  visit: (container: object, key: string) => void,
): boolean {
  return visitKeys(body, path.slice("json:".length).split("."), visit);
}

function visitKeys(
  container: unknown,
  [key = "", ...rest]: readonly string[],
  visit: (container: object, key: string) => void,
): boolean {
  if (typeof container !== "object" || container === null || isNumberText(container)) return false;
  const keys = Object.keys(container).filter((name) => isNamed(name, key));
  let found = false;
  for (const name of keys) {
    if (rest.length === 0) {
      visit(container, name);
      found = true;
    } else {
      found = visitKeys((container as Record<string, unknown>)[name], rest, visit) || found;
    }
  }
  return found;
}
