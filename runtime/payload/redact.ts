import type { RedactedPath } from "../stage/definition.js";

/** Replaces a redacted value. */
export const redactedMark = "[redacted]";

/** JSON whose numbers keep the digits that the sender wrote. A JavaScript number may not be able to hold them. */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source: string }) => unknown,
  ): unknown;
  stringify(value: unknown): string;
  rawJSON(text: string): unknown;
}
// ES2026, in Node since version 21. TypeScript's library does not have it yet.
const json = JSON as unknown as ExactJson;

/** A body without the redacted values, and the paths of the values that it had. */
export interface Redacted {
  readonly body: Buffer;
  readonly paths: readonly RedactedPath[];
}

/**
 * Redacts values of a JSON body. A body that has none of them stays unchanged. In any other body white space is lost
 * too, so no signature fits it any more.
 *
 * @returns undefined for a body that is not JSON, because nothing can be found in it
 */
export function redactBody(body: Buffer, paths: readonly RedactedPath[]): Redacted | undefined {
  try {
    const root = { body: parseExactly(new TextDecoder().decode(body)) };
    const found = paths.filter((path) => redactAt(root, ["body", ...path.slice("json:".length).split(".")]));
    return found.length === 0
      ? { body, paths: [] }
      : { body: Buffer.from(json.stringify(root.body)), paths: found };
  } catch {
    return undefined;
  }
}

function parseExactly(text: string): unknown {
  return json.parse(text, (_, value, { source }) =>
    typeof value === "number" ? json.rawJSON(source) : value,
  );
}

/** Replaces all values at a path. Returns true if there were any. */
function redactAt(container: object, [key = "", ...rest]: readonly string[]): boolean {
  const keys = key === "*" ? Object.keys(container) : Object.hasOwn(container, key) ? [key] : [];
  let found = false;
  for (const name of keys) {
    const value = (container as Record<string, unknown>)[name];
    if (rest.length === 0) {
      // No assignment, because that would not replace a value with the name __proto__.
      Object.defineProperty(container, name, {
        value: redactedMark,
        enumerable: true,
        configurable: true,
        writable: true,
      });
      found = true;
    } else if (typeof value === "object" && value !== null) {
      found = redactAt(value, rest) || found;
    }
  }
  return found;
}
