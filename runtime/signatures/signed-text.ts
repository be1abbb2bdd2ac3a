import type { SignedText } from "./definition.js";
import { sortedFields } from "./form.js";
import { decodeBytes, readHeader, readJson } from "./request-values.js";
import { isUnverified, type SignedRequest, type Unverified, unverified } from "./scheme.js";
import { readTimestamp } from "./timestamp.js";

/** A request's signatures and the text that they sign. */
export interface Signed {
  /** Signatures in the right form. One that fits is enough. */
  readonly signatures: readonly Buffer[];
  /** The text that they must sign. */
  readonly content: Buffer;
  /** Where they are, for people. */
  readonly place: string;
}

/** Reads the signatures of a request and builds the text that they should sign. */
export function readSigned(definition: SignedText, request: SignedRequest): Signed | Unverified {
  const place = placeOf(definition);
  const items = readItems(definition, request);
  if (isUnverified(items)) return items;

  const { prefix = "", encoding } = definition;
  const signatures = items
    .filter((item) => item.startsWith(prefix))
    .flatMap((item) => decodeBytes(item.slice(prefix.length), encoding) ?? []);
  if (signatures.length === 0) {
    return unverified(
      `${place} does not contain a ${encoding} digest${prefix === "" ? "" : ` after ${prefix}`}`,
    );
  }

  const timestamp =
    definition.timestamp === undefined ? "" : readTimestamp(definition.timestamp, request, items);
  if (isUnverified(timestamp)) return timestamp;

  const content = fillContent(definition, request, timestamp);
  return isUnverified(content) ? content : { signatures, content, place };
}

function placeOf({ header, json }: SignedText): string {
  if (header === undefined) return `the body's ${json}`;
  return typeof header === "string" ? header : header.join(" or ");
}

function readItems(definition: SignedText, request: SignedRequest): string[] | Unverified {
  const values = readValues(definition, request);
  if (isUnverified(values)) return values;
  const { separator } = definition;
  return values
    .flatMap((value) => (separator === undefined ? [value] : value.split(separator)))
    .map((item) => item.trim());
}

function readValues({ header, json = "" }: SignedText, request: SignedRequest): string[] | Unverified {
  if (header === undefined) {
    const value = readJson(json, request);
    return isUnverified(value) ? value : [value];
  }
  const names = typeof header === "string" ? [header] : header;
  const values = names.map((name) => readHeader(name, request));
  const present = values.filter((value) => typeof value === "string");
  return present.length > 0
    ? present
    : (values.find(isUnverified) ?? unverified("no signature header is configured"));
}

const placeholder = /(\{(?:body|timestamp|method|url|form|(?:header|json):[^}]+)\})/;

function fillContent(definition: SignedText, request: SignedRequest, timestamp: string): Buffer | Unverified {
  const parts: Buffer[] = [];
  for (const piece of definition.content.split(placeholder)) {
    const part = fillPiece(piece, definition, request, timestamp);
    if (isUnverified(part)) return part;
    parts.push(typeof part === "string" ? Buffer.from(part, "utf8") : part);
  }
  return Buffer.concat(parts);
}

function fillPiece(
  piece: string,
  { publicUrl }: SignedText,
  request: SignedRequest,
  timestamp: string,
): string | Buffer | Unverified {
  switch (piece) {
    case "{body}":
      return request.body;
    case "{timestamp}":
      return timestamp;
    case "{method}":
      return request.method;
    case "{form}":
      return sortedFields(request);
    case "{url}":
      return knownUrl(publicUrl);
  }
  const [, kind, name] = /^\{(header|json):(.+)\}$/.exec(piece) ?? [];
  if (kind === "header" && name !== undefined) return readHeader(name, request);
  if (kind === "json" && name !== undefined) return readJson(name, request);
  return piece;
}

/** The URL from the settings, which require it for a scheme that signs the URL. */
export function knownUrl(publicUrl: string | undefined): string {
  if (publicUrl === undefined) throw new Error("the source signs its URL: set signature.publicUrl");
  return publicUrl;
}
