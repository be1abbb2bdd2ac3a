import { parseExactly, writeExactly } from "../envelope/json.js";
import type { RedactedPath } from "../stage/definition.js";
import { visitValues } from "./visit-values.js";

/** Replaces a redacted value. */
export const redactedMark = "[redacted]";

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
    const json = parseExactly(body);
    const found = paths.filter((path) => visitValues(json, path, redactValue));
    return found.length === 0 ? { body, paths: [] } : { body: Buffer.from(writeExactly(json)), paths: found };
  } catch {
    return undefined;
  }
}

function redactValue(container: object, key: string): void {
  // No assignment, because that would not replace a value with the name __proto__.
  Object.defineProperty(container, key, {
    value: redactedMark,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
