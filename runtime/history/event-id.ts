import { type Envelope, encodeEnvelope } from "../envelope/envelope.js";
import { headerValues } from "../envelope/headers.js";
import { parseJson, valueAtPath } from "../envelope/json.js";
import { sha256 } from "../envelope/sha256.js";
import type { StoredWebhook } from "../payload/storable.js";
import type { Locator } from "../stage/definition.js";

/**
 * Prefixes of the ids that are made here. A sender's id with such a prefix is hashed, so that it cannot imitate one.
 */
const madePrefixes = ["body-sha256:", "request-sha256:", "id-sha256:", "request-id:", "rejected:"];

/**
 * The id under which a webhook is recorded: the first of the source's locators that is present, else a hash of the
 * content, so that a repeated request is recognised.
 *
 * Ids that do not belong in a table's key (longer than 256 characters, control characters) are hashed.
 */
export function findEventId(
  locators: readonly Locator[],
  request: Pick<Envelope, "requestId" | "headers" | "query" | "body">,
): string {
  for (const locator of locators) {
    if (locator === "request-id") return `request-id:${request.requestId}`;
    const id = locate(locator, request);
    if (id !== undefined) return storable(id);
  }
  return contentId(request);
}

/** The key of an accepted webhook in the history. */
export function webhookIdOf(source: string, eventId: string): string {
  return `${source}/${eventId}`;
}

/**
 * The key of a rejected webhook. It is made from the whole request, so that a forged webhook has another item than the
 * genuine one whose event id it claims. Its redelivery and its replay have the same key.
 *
 * @param stored the webhook as the history keeps it, because a replay has nothing else
 */
export function rejectedEventId(stored: StoredWebhook): string {
  return `rejected:${sha256(encodeEnvelope(stored))}`;
}

function locate(
  locator: Exclude<Locator, "request-id">,
  request: Pick<Envelope, "headers" | "body">,
): string | undefined {
  const place = locator.slice(locator.indexOf(":") + 1);
  const value = locator.startsWith("header:")
    ? headerValues(request.headers, place)[0]
    : valueAtPath(parseJson(request.body), place);
  // A text that is not well-formed Unicode has no exact UTF-8 form, so different ids would become equal.
  return value === undefined || value === "" || !value.isWellFormed() ? undefined : value;
}

function storable(id: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const plain = id.length <= 256 && !/[\u0000-\u001f\u007f-\u009f]/.test(id);
  return plain && !madePrefixes.some((prefix) => id.startsWith(prefix)) ? id : `id-sha256:${sha256(id)}`;
}

/** The query counts as content, because some senders put everything there and post an empty body. */
function contentId({ query, body }: Pick<Envelope, "query" | "body">): string {
  if (query.length === 0) return `body-sha256:${sha256(body)}`;
  return `request-sha256:${sha256(`${JSON.stringify(query)}\n${sha256(body)}`)}`;
}
