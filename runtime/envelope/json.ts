/**
 * The value of a JSON body, or undefined for a body that is not JSON. No JSON text means undefined. A byte order mark
 * is ignored.
 */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

/**
 * A text or whole number at a dotted path (`data.object.id`, `items.0.id`), as text. A number that is too large to be
 * exact does not count, because two different ones could look the same.
 */
export function valueAtPath(root: unknown, path: string): string | undefined {
  let value = root;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    // An array's `length` is a property of the array, not a value that the sender wrote.
    if (Array.isArray(value) && !/^\d+$/.test(key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  return typeof value === "string" ? value : undefined;
}
