import type { Locator } from "../envelope/locator.js";
import { RequestValues } from "../envelope/values.js";
import { locatorsOf, type SignedText } from "./definition.js";
import { sortedFields } from "./form.js";
import { decodeBytes, nameOf, readValue } from "./request-values.js";
import { isUnverified, type SignedRequest, type Unverified, unverified } from "./scheme.js";
import { readTimestamp, timeProblem } from "./timestamp.js";

/** A request's signatures and the text that they sign. */
export interface Signed {
  /** Signatures in the right form. One that fits is enough. */
  readonly signatures: readonly Buffer[];
  /** The text that they must sign. */
  readonly content: Buffer;
  /** Where they are, for people. */
  readonly place: string;
}

/** What a signature must look like. */
export interface SignatureForm {
  /** The setting that decides it, for people. */
  readonly name: string;
  /** Length of the decoded signature. */
  readonly bytes: number;
}

/**
 * Reads the signatures of a request and builds the text that they should sign.
 *
 * @param form default: signatures may have any length
 */
export function readSigned(
  definition: SignedText,
  request: SignedRequest,
  form?: SignatureForm,
): Signed | Unverified {
  const place = placeOf(definition);
  const values = new RequestValues(request);
  const items = readItems(definition, values);
  if (isUnverified(items)) return items;

  const signatures = decodeSignatures(definition, items, form);
  if (isUnverified(signatures)) return signatures;

  const timestamp =
    definition.timestamp === undefined ? "" : readTimestamp(definition.timestamp, values, items);
  if (isUnverified(timestamp)) return timestamp;
  const { unit, toleranceSeconds } = definition.timestamp ?? {};
  if (unit !== undefined && toleranceSeconds !== undefined) {
    const problem = timeProblem(timestamp, unit, toleranceSeconds, request);
    if (problem !== undefined) return problem;
  }

  const content = fillContent(definition, { request, values, timestamp });
  return isUnverified(content) ? content : { signatures, content, place };
}

/**
 * The signed time exactly as the sender wrote it, whether the signature is genuine or not. Undefined if the request has
 * none or the scheme signs none.
 */
export function signedTimeOf(definition: SignedText, values: RequestValues): string | undefined {
  if (definition.timestamp === undefined) return undefined;
  const items = readItems(definition, values);
  if (isUnverified(items)) return undefined;
  const time = readTimestamp(definition.timestamp, values, items);
  return isUnverified(time) ? undefined : time;
}

function decodeSignatures(
  definition: SignedText,
  items: readonly string[],
  form: SignatureForm | undefined,
): readonly Buffer[] | Unverified {
  const { prefix = "", encoding } = definition;
  const place = placeOf(definition);
  const decoded = items
    .filter((item) => item.startsWith(prefix))
    .flatMap((item) => decodeBytes(item.slice(prefix.length), encoding) ?? []);
  const [first] = decoded;
  if (first === undefined) {
    return unverified(
      `${place} does not contain a ${encoding} digest${prefix === "" ? "" : ` after ${prefix}`}`,
    );
  }
  if (form === undefined) return decoded;
  const signatures = decoded.filter(({ length }) => length === form.bytes);
  return signatures.length > 0
    ? signatures
    : unverified(
        `${place} contains a ${encoding} digest of ${first.length} bytes, but ${form.name} makes ${form.bytes} bytes`,
      );
}

/**
 * The reason for a signature that fits no secret, with the usual causes.
 *
 * @param made what it should have been made with
 */
export function mismatch(
  place: string,
  made: string,
  { publicUrl }: { readonly publicUrl?: string | undefined },
): string {
  if (publicUrl === undefined) {
    return (
      `${place} was not made with ${made} of the source. ` +
      "Usual causes: the secret of another endpoint is stored, or the request was changed on its way"
    );
  }
  // Some put a password into the query.
  const shown = publicUrl.replace(/\?.*$/s, "?…");
  return (
    `${place} was not made with ${made} of the source for publicUrl ${shown}. ` +
    "Usual causes: publicUrl is not byte for byte the URL that the provider posts to, or the secret of another endpoint is stored"
  );
}

function placeOf(definition: SignedText): string {
  return locatorsOf(definition).map(nameOf).join(" or ");
}

function readItems(definition: SignedText, values: RequestValues): string[] | Unverified {
  const found = readSignatures(definition, values);
  if (isUnverified(found)) return found;
  const { separator } = definition;
  return found
    .flatMap((value) => (separator === undefined ? [value] : value.split(separator)))
    .map((item) => item.trim());
}

function readSignatures(definition: SignedText, values: RequestValues): string[] | Unverified {
  const locators = locatorsOf(definition);
  const found = locators.map((locator) => readValue(locator, values));
  const present = found.filter((value) => typeof value === "string");
  if (present.length > 0) return present;
  const [first, ...others] = locators.map(nameOf);
  if (others.length > 0 && locators.every((locator) => values.at(locator).length === 0)) {
    return unverified(`the header ${first} is missing, and so is ${others.join(", ")}`);
  }
  return found.find(isUnverified) ?? unverified("no place of a signature is configured");
}

const placeholder = /(\{(?:body|timestamp|method|url|form|(?:header|query|json|form):[^}]+)\})/;

/** The values that the pieces of a signed text are filled with. */
interface Filling {
  readonly request: SignedRequest;
  readonly values: RequestValues;
  readonly timestamp: string;
}

function fillContent(definition: SignedText, filling: Filling): Buffer | Unverified {
  const parts: Buffer[] = [];
  for (const piece of definition.content.split(placeholder)) {
    const part = fillPiece(piece, definition, filling);
    if (isUnverified(part)) return part;
    parts.push(typeof part === "string" ? Buffer.from(part, "utf8") : part);
  }
  return Buffer.concat(parts);
}

function fillPiece(
  piece: string,
  { publicUrl }: SignedText,
  { request, values, timestamp }: Filling,
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
  const [, locator] = /^\{((?:header|query|json|form):.+)\}$/.exec(piece) ?? [];
  return locator === undefined ? piece : readValue(locator as Locator, values);
}

/** The URL from the settings, which require it for a scheme that signs the URL. */
export function knownUrl(publicUrl: string | undefined): string {
  if (publicUrl === undefined) throw new Error("the source signs its URL: set signature.publicUrl");
  return publicUrl;
}
