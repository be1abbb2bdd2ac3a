import { parseExactly, writeExactly } from "../envelope/json.js";
import type { RedactedPath } from "../stage/definition.js";
import { visitValues } from "./visit-values.js";

/**
 * A JSON body without some of its values. It is written anew, so bodies that differ only in these values become equal. A
 * body that is not JSON is returned as it is.
 */
export function bodyWithout(body: Buffer, paths: readonly RedactedPath[]): Buffer {
  try {
    const json = parseExactly(body);
    for (const path of paths) visitValues(json, path, Reflect.deleteProperty);
    return Buffer.from(writeExactly(json));
  } catch {
    return body;
  }
}
