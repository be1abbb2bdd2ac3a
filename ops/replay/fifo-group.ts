import type { Envelope } from "../../runtime/envelope/envelope.js";
import type { Locator } from "../../runtime/envelope/locator.js";
import { RequestValues } from "../../runtime/envelope/values.js";
import type { OperatedSource } from "../stage/outputs.js";

/** Largest number of characters of a group's name (SQS, SendMessage). */
const longestGroup = 128;

/**
 * The group of a webhook's message, the same that the gateway gave it, so that a replay stands in line with the webhooks of its
 * group. `components/ingest/fifo-ids.ts` writes the template whose counterpart this is.
 *
 * @param name what messages call the source
 */
export function groupOf(
  name: string,
  { orderBy }: Pick<OperatedSource, "orderBy">,
  webhook: Pick<Envelope, "headers" | "query" | "body">,
): string {
  if (orderBy === undefined) return name;
  return `${name}:${shortened(valueAt(orderBy, webhook), longestGroup - name.length - 1)}`;
}

function valueAt(expression: string, webhook: Pick<Envelope, "headers" | "query" | "body">): string {
  if (expression === "") return "";
  if (expression.startsWith("constant:")) return expression.slice("constant:".length);
  // Of several the gateway sees the last one.
  return new RequestValues(webhook).at(expression as Locator).at(-1) ?? "";
}

/** Base64 of at most `most` characters: of a longer one beginning, length, hash and end. */
function shortened(value: string, most: number): string {
  const encoded = Buffer.from(value, "utf8").toString("base64");
  if (encoded.length <= most) return encoded;
  const kept = most - 21;
  const beginning = Math.ceil(kept / 2);
  const end = encoded.slice(encoded.length - (kept - beginning));
  return `${encoded.slice(0, beginning)}-${encoded.length}-${javaHash(encoded)}-${end}`;
}

/** Java's `String.hashCode`. */
function javaHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1) hash = (31 * hash + text.charCodeAt(index)) | 0;
  return hash;
}
