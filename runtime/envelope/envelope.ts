import { decodeBase64 } from "./base64.js";
import type { NameValue } from "./headers.js";

/**
 * The envelope is the queue's message: one line of JSON metadata, `\n`, the body.
 *
 *     {"v":1,"s":"github","b":"bytes","id":"…","t":1767225600000,"ip":"…","m":"…","p":"…","h":[["…","…"]],"q":[]}\n
 *     eyJhY3Rpb24iOiJvcGVuZWQifQ==
 *
 * API Gateway's request template writes it, and {@link decodeEnvelope} is its only reader. Every value that a sender
 * can influence is base64 of UTF-8 text, so nothing that a sender writes can end a string, the metadata, or the form
 * parameter that contains the message. Only `v`, `s`, `b` and `t` are plain, and those come from us or the gateway. The
 * body is outside the JSON, so the metadata stays valid even if the gateway ever passes the body on differently.
 */
export const envelopeVersion = 1;

/** A source's name: plain in messages, paths and names of resources. */
export const sourceNamePattern = /^[a-z0-9-]{1,64}$/;

/** The metadata's fields, in the order in which they are written. */
export const envelopeFields = {
  /** Number {@link envelopeVersion}. */
  version: "v",
  /** Name of the source, plain, see {@link sourceNamePattern}. */
  source: "s",
  /** {@link BodyEncoding}, plain. */
  bodyEncoding: "b",
  /** `$context.extendedRequestId`, which the sender cannot choose, base64. */
  requestId: "id",
  /** `$context.requestTimeEpoch`, a number of milliseconds. */
  receivedAt: "t",
  /** `$context.identity.sourceIp`, base64. */
  sourceIp: "ip",
  /** `$context.httpMethod`, base64. */
  method: "m",
  /** `$context.path`, stage included, base64. */
  path: "p",
  /** Array of `[name, value]`, both base64. */
  headers: "h",
  /** Array of `[name, value]`, both base64. */
  query: "q",
  /** Set only by a replay: its id, base64. */
  replayId: "r",
  /** Set only by a replay that is for one subscriber: the subscriber's name, base64. */
  replayFor: "rf",
} as const;

/**
 * How the body is encoded after the metadata.
 *
 * - `bytes`: `$input.body` if all media types count as binary, which is base64 of the exact bytes (AWS fact 1.21). An
 *   empty body arrives as `{}` (AWS fact 1.1) or as nothing. base64 has no braces, so neither can be confused with
 *   content.
 * - `text`: `$util.base64Encode($input.body)` without binary media types: the body as UTF-8 text. Bytes that were not
 *   UTF-8 are already lost (AWS fact 1.20), and an empty body cannot be told from a literal `{}`.
 */
export type BodyEncoding = "bytes" | "text";

/** A webhook as API Gateway received it. */
export interface Envelope {
  readonly source: string;
  readonly bodyEncoding: BodyEncoding;
  /** API Gateway's id of the request, which the sender got in the answer. */
  readonly requestId: string;
  /** When API Gateway received the webhook, in epoch milliseconds. */
  readonly receivedAt: number;
  readonly sourceIp: string;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly NameValue[];
  readonly query: readonly NameValue[];
  /** Present on a webhook that an operator sent through again: sorts by the time of the replay, such as a UUIDv7. */
  readonly replayId?: string;
  /** Present on a replay that is for one subscriber of the source only: the subscriber's name. */
  readonly replayFor?: string;
  /** The sender's exact bytes. */
  readonly body: Buffer;
}

/** The error for a queue message that is not an envelope. Its text says what is wrong and never repeats content. */
export class EnvelopeError extends Error {
  override readonly name: string = "EnvelopeError";
}

/**
 * The error for a message that another version of the function can read. It must stay in the queue, because the fix is a
 * deployment, which is usually under way.
 */
export class EnvelopeVersionError extends EnvelopeError {
  override readonly name = "EnvelopeVersionError";
}

/**
 * Reads an envelope.
 *
 * @throws EnvelopeVersionError for another version's message
 * @throws EnvelopeError for a message that neither the request template nor {@link encodeEnvelope} would write
 */
export function decodeEnvelope(message: string): Envelope {
  // The metadata contains only the outer braces, so the first closing brace ends it.
  const end = message.indexOf("}\n");
  if (end === -1) throw new EnvelopeError("the message has no line of metadata before its body");

  const metadata = parseMetadata(message.slice(0, end + 1));
  const {
    version,
    source,
    bodyEncoding,
    requestId,
    receivedAt,
    sourceIp,
    method,
    path,
    headers,
    query,
    replayId,
    replayFor,
  } = envelopeFields;

  if (metadata[version] !== envelopeVersion) {
    throw new EnvelopeVersionError(
      `the envelope's version (v) is not ${envelopeVersion}: deploy the gateway and the function together`,
    );
  }
  const known: readonly string[] = Object.values(envelopeFields);
  const unknown = Object.keys(metadata).find((field) => !known.includes(field));
  if (unknown !== undefined)
    throw new EnvelopeVersionError("the metadata has a field that version 1 does not have");

  const encoding = readBodyEncoding(metadata[bodyEncoding]);
  return {
    source: readSource(metadata[source]),
    bodyEncoding: encoding,
    requestId: readText(metadata[requestId], requestId),
    receivedAt: readTime(metadata[receivedAt]),
    sourceIp: readText(metadata[sourceIp], sourceIp),
    method: readText(metadata[method], method),
    path: readText(metadata[path], path),
    headers: readPairs(metadata[headers], headers),
    query: readPairs(metadata[query], query),
    ...(metadata[replayId] === undefined ? {} : { replayId: readText(metadata[replayId], replayId) }),
    ...(metadata[replayFor] === undefined ? {} : { replayFor: readText(metadata[replayFor], replayFor) }),
    body: readBody(message.slice(end + 2), encoding),
  };
}

/** Writes an envelope in the same form as the request template. */
export function encodeEnvelope(envelope: Envelope): string {
  const {
    version,
    source,
    bodyEncoding,
    requestId,
    receivedAt,
    sourceIp,
    method,
    path,
    headers,
    query,
    replayId,
    replayFor,
  } = envelopeFields;
  const metadata = {
    [version]: envelopeVersion,
    [source]: envelope.source,
    [bodyEncoding]: envelope.bodyEncoding,
    [requestId]: base64(envelope.requestId),
    [receivedAt]: envelope.receivedAt,
    [sourceIp]: base64(envelope.sourceIp),
    [method]: base64(envelope.method),
    [path]: base64(envelope.path),
    [headers]: envelope.headers.map(([name, value]) => [base64(name), base64(value)]),
    [query]: envelope.query.map(([name, value]) => [base64(name), base64(value)]),
    ...(envelope.replayId === undefined ? {} : { [replayId]: base64(envelope.replayId) }),
    ...(envelope.replayFor === undefined ? {} : { [replayFor]: base64(envelope.replayFor) }),
  };
  return `${JSON.stringify(metadata)}\n${envelope.body.toString("base64")}`;
}

function parseMetadata(line: string): Readonly<Record<string, unknown>> {
  let metadata: unknown;
  try {
    // MIME encoders break base64 into lines. AWS's does not, as far as anybody has seen (AWS fact 1.12). If it ever
    // does, no webhook must be lost because of it.
    // Nor because of a list that breaks off behind a comma. An earlier template wrote that for more than 1,000 query
    // parameters (AWS fact 1.26). Values are base64, so no value contains these characters.
    metadata = JSON.parse(withoutLineBreaks(line).replaceAll(",]", "]"));
  } catch {
    throw new EnvelopeError("the metadata is not JSON");
  }
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    throw new EnvelopeError("the metadata is not a JSON object");
  }
  return metadata as Record<string, unknown>;
}

function readSource(value: unknown): string {
  if (typeof value === "string" && sourceNamePattern.test(value)) return value;
  throw new EnvelopeError("the source's name (s) is not 1 to 64 characters of a-z, 0-9 and -");
}

function readBodyEncoding(value: unknown): BodyEncoding {
  if (value === "bytes" || value === "text") return value;
  throw new EnvelopeError('the body\'s encoding (b) is neither "bytes" nor "text"');
}

/** The last millisecond that a Date can represent. */
const lastMillisecond = 8.64e15;

function readTime(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value > 0 && value <= lastMillisecond)
    return value;
  throw new EnvelopeError("the receive time (t) is not a whole number of milliseconds");
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readText(value: unknown, field: string): string {
  if (typeof value !== "string") throw new EnvelopeError(`the field ${field} is missing or not a string`);
  const bytes = decodeBase64(value);
  if (bytes === undefined) throw new EnvelopeError(`the field ${field} is not base64`);
  try {
    return utf8.decode(bytes);
  } catch {
    // HTTP's own encoding of header values is Latin-1 (RFC 9110, section 5.5). If a gateway ever passes such bytes on as
    // they are, one odd header must not make the whole webhook unreadable.
    return bytes.toString("latin1");
  }
}

function readPairs(value: unknown, field: string): NameValue[] {
  if (!Array.isArray(value)) throw new EnvelopeError(`the field ${field} is missing or not an array`);
  return value.map((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new EnvelopeError(`the field ${field} has an entry that is not [name, value]`);
    }
    return [readText(pair[0], field), readText(pair[1], field)];
  });
}

function readBody(text: string, encoding: BodyEncoding): Buffer {
  if (encoding === "bytes" && text === "{}") return Buffer.alloc(0);
  // In text mode the same function encodes the body, so its line breaks have no meaning either.
  const bytes = decodeBase64(encoding === "text" ? withoutLineBreaks(text) : text);
  if (bytes === undefined) throw new EnvelopeError("the body is not base64");
  return bytes;
}

function withoutLineBreaks(text: string): string {
  return text.replace(/[\r\n]/g, "");
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
