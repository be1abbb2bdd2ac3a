import { parseJson } from "../envelope/json.js";
import type { RedactedPath } from "../stage/definition.js";
import { spansAt } from "./json-spans.js";

/** Replaces a redacted value. */
export const redactedMark = "[redacted]";

/** A body without the redacted values, and the paths of the values that it had. */
export interface Redacted {
  readonly body: Buffer;
  readonly paths: readonly RedactedPath[];
}

/**
 * Redacts values of a JSON body. Everything else stays byte for byte as it was. No signature fits a body that had one of
 * the values.
 *
 * @returns undefined for a body that is not JSON, because nothing can be found in it
 */
export function redactBody(body: Buffer, paths: readonly RedactedPath[]): Redacted | undefined {
  if (parseJson(body) === undefined) return undefined;
  const json = body.toString("latin1");
  const spans = spansAt(json, paths);
  const found = new Set(spans.flatMap((span) => span.paths));
  const starts = [0, ...spans.map(({ end }) => end)];
  const between = starts.map((start, index) => json.slice(start, spans[index]?.start));
  return {
    body: Buffer.from(between.join(JSON.stringify(redactedMark)), "latin1"),
    paths: paths.filter((path) => found.has(path)),
  };
}
