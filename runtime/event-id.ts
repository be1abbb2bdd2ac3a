import { createHash } from "node:crypto";
import type { Locator } from "./definition.js";
import type { Envelope } from "./envelope.js";
import { headerValues } from "./headers.js";
import { parseJson } from "./json.js";

/** Starts of the ids that are made here. A sender's id that starts like one is hashed, so that it cannot pass for it. */
const madePrefixes = ["body-sha256:", "request-sha256:", "id-sha256:", "rejected:"];

/**
 * The id under which a webhook is remembered: the first of the source's locators that is present, else a hash of the
 * content, so that a repeated request is known again.
 *
 * Ids that a table's key should not hold (longer than 256 characters, control characters) are hashed.
 */
export function findEventId(
  locators: readonly Locator[],
  request: Pick<Envelope, "headers" | "query" | "body">,
): string {
  for (const locator of locators) {
    const id = locate(locator, request);
    if (id !== undefined) return storable(id);
  }
  return contentId(request);
}

/** Key of an accepted webhook in the history. */
export function webhookIdOf(source: string, eventId: string): string {
  return `${source}/${eventId}`;
}

/**
 * Key of a rejected webhook: made from the whole queue message, so that a forged webhook stands beside the genuine one
 * whose event id it claims, and its redelivery finds itself.
 */
export function rejectedEventId(message: string): string {
  return `rejected:${sha256(message)}`;
}

function locate(locator: Locator, request: Pick<Envelope, "headers" | "body">): string | undefined {
  const colon = locator.indexOf(":");
  const place = locator.slice(colon + 1);
  const value = locator.startsWith("header:")
    ? headerValues(request.headers, place)[0]
    : locateJson(place, request.body);
  // A text that is not well-formed Unicode has no faithful UTF-8, in which different ids would become equal.
  return value === undefined || value === "" || !value.isWellFormed() ? undefined : value;
}

/** A text or whole number at a dotted path. A number too large to be exact is no id: two could look the same. */
function locateJson(path: string, body: Buffer): string | undefined {
  let value = parseJson(body);
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    // An array's length is its own, and the sender's id least of all.
    if (Array.isArray(value) && !/^\d+$/.test(key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  return typeof value === "string" ? value : undefined;
}

function storable(id: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const plain = id.length <= 256 && !/[\u0000-\u001f\u007f-\u009f]/.test(id);
  return plain && !madePrefixes.some((prefix) => id.startsWith(prefix)) ? id : `id-sha256:${sha256(id)}`;
}

/** The query counts as content where there is one: some senders put all they say there, and post an empty body. */
function contentId({ query, body }: Pick<Envelope, "query" | "body">): string {
  if (query.length === 0) return `body-sha256:${sha256(body)}`;
  return `request-sha256:${sha256(`${JSON.stringify(query)}\n${sha256(body)}`)}`;
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
