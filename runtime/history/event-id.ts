import { type Envelope, encodeEnvelope } from "../envelope/envelope.js";
import { sha256 } from "../envelope/sha256.js";
import { RequestValues } from "../envelope/values.js";
import { bodyWithout } from "../payload/body-without.js";
import { signedTime } from "../signatures/signed-time.js";
import { type EventIdPart, leftOutPaths, type SourceDefinition } from "../stage/definition.js";

/**
 * Prefixes of the ids that are made here. A sender's id with such a prefix is hashed, so that it cannot imitate one.
 */
const madePrefixes = [
  "body-sha256:",
  "request-sha256:",
  "id-sha256:",
  "combined-sha256:",
  "request-id:",
  "rejected:",
  "handshake:",
];

/** The parts of a request that an event id can come from. */
type IdentifiedRequest = Pick<Envelope, "requestId" | "headers" | "query" | "body">;

/**
 * The id under which a webhook is recorded: the first of the source's locators that is present. If none is, it is the
 * gateway's id of the request. Then no webhook counts as a repetition, and none is lost.
 *
 * Ids that do not belong in a table's key (longer than 256 characters, control characters) are hashed. So are ids that
 * have several parts. Each part is hashed with its place, so that the same characters, split in another way, make
 * another id.
 */
export function findEventId(
  { eventId, signature }: Pick<SourceDefinition, "eventId" | "signature">,
  request: IdentifiedRequest,
): string {
  const values = new RequestValues(request);
  const read = (part: EventIdPart) => valueOfPart(part, { request, values, signature });
  for (const locator of eventId) {
    if (typeof locator === "string") {
      const id = read(locator);
      if (id !== undefined) return isMadeHere(locator) ? id : storable(id);
      continue;
    }
    const parts = locator.map((part) => [part, read(part)] as const);
    if (parts.every(([, value]) => value !== undefined)) {
      return `combined-sha256:${sha256(JSON.stringify(parts))}`;
    }
  }
  return requestIdOf(request);
}

/** The key of an accepted webhook in the history. */
export function webhookIdOf(source: string, eventId: string): string {
  return `${source}/${eventId}`;
}

/**
 * The key of a rejected webhook. It is made from the whole request, so that a forged webhook has another item than the
 * genuine one whose event id it claims. Its redelivery and its replay have the same key.
 *
 * @param recorded the webhook as the history kept it when it came first, because a replay has nothing else
 */
export function rejectedEventId(recorded: Envelope): string {
  return `rejected:${sha256(encodeEnvelope(recorded))}`;
}

/** The value of one part, or undefined if the request does not have it. */
function valueOfPart(
  part: EventIdPart,
  {
    request,
    values,
    signature,
  }: {
    readonly request: IdentifiedRequest;
    readonly values: RequestValues;
    readonly signature: SourceDefinition["signature"];
  },
): string | undefined {
  if (part === "request-id") return requestIdOf(request);
  if (part === "body") return contentId(request);
  if (isBodyWithout(part)) {
    return contentId({ ...request, body: bodyWithout(request.body, leftOutPaths(part)) });
  }
  const value = part === "signed-time" ? signedTime(signature, values) : values.at(part)[0];
  // A text that is not well-formed Unicode has no exact UTF-8 form, so different ids would become equal.
  return value === undefined || value === "" || !value.isWellFormed() ? undefined : value;
}

function isBodyWithout(part: EventIdPart): part is Extract<EventIdPart, `body-without:${string}`> {
  return part.startsWith("body-without:");
}

/** Whether an id is made here and is not a text that the sender wrote. */
function isMadeHere(part: EventIdPart): boolean {
  return part === "request-id" || part === "body" || isBodyWithout(part);
}

function storable(id: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const plain = id.length <= 256 && !/[\u0000-\u001f\u007f-\u009f]/.test(id);
  return plain && !madePrefixes.some((prefix) => id.startsWith(prefix)) ? id : `id-sha256:${sha256(id)}`;
}

function requestIdOf({ requestId }: Pick<Envelope, "requestId">): string {
  return `request-id:${requestId}`;
}

/**
 * A hash of the content. Undefined for an empty body: it says nothing about the event, so another empty body is not a
 * repetition. The query counts as content, because some senders put a part of the event there.
 */
function contentId({ query, body }: Pick<Envelope, "query" | "body">): string | undefined {
  if (body.length === 0) return undefined;
  if (query.length === 0) return `body-sha256:${sha256(body)}`;
  return `request-sha256:${sha256(`${JSON.stringify(query)}\n${sha256(body)}`)}`;
}
