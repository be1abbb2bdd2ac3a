import type { RedactedPath } from "../stage/definition.js";

/** Stands where a redacted value stood. */
export const redactedMark = "[redacted]";

/** JSON whose numbers keep the digits that the sender wrote, which a JavaScript number may not hold. */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source: string }) => unknown,
  ): unknown;
  stringify(value: unknown): string;
  rawJSON(text: string): unknown;
}
// ES2026, in Node since 21; TypeScript's library does not know it yet.
const json = JSON as unknown as ExactJson;

/** A body without what must not be kept, and which paths were in it. */
export interface Redacted {
  readonly body: Buffer;
  readonly paths: readonly RedactedPath[];
}

/**
 * Takes values out of a JSON body. A body that has none of them stays as it is; in another, white space and the like are
 * lost with them, so that no signature fits it any more.
 *
 * @returns undefined for a body that is not JSON, in which nothing can be found
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

/** Replaces all values at a path. True if there were any. */
function redactAt(container: object, [key = "", ...rest]: readonly string[]): boolean {
  const keys = key === "*" ? Object.keys(container) : Object.hasOwn(container, key) ? [key] : [];
  let found = false;
  for (const name of keys) {
    const value = (container as Record<string, unknown>)[name];
    if (rest.length === 0) {
      // Not assigned: that would not replace a value of the name __proto__.
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
