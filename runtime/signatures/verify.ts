import { createHmac, timingSafeEqual } from "node:crypto";
import { decodeBase64 } from "../base64.js";
import type { HmacSignature, TimestampDefinition } from "../definition.js";
import type { Envelope } from "../envelope.js";
import { headerValues } from "../headers.js";

/** Whether a webhook is the source's own. */
export type Verification = { readonly verified: true } | Unverified;

export interface Unverified {
  readonly verified: false;
  /** For people; repeats neither the signature nor the secret. */
  readonly reason: string;
  /** The signature is well formed and in time, but made with another secret: a newer one might fit. */
  readonly otherSecret: boolean;
}

/** A stored secret that cannot be a key. Somebody has to mend it, so the webhook is not the one to blame. */
export class SecretError extends Error {
  override readonly name = "SecretError";
}

/** What {@link verifySignature} looks at. */
export type SignedRequest = Pick<Envelope, "headers" | "body" | "receivedAt">;

/**
 * Checks a keyed hash over the request with every active secret.
 *
 * A signed time is held against the receive time, not against now: a webhook may have waited in the queues for days.
 *
 * @param secrets active secrets as the provider shows them; several while one replaces another
 * @throws SecretError if no secret fits and one of them cannot be read as a key
 */
export function verifySignature(
  definition: HmacSignature,
  request: SignedRequest,
  secrets: readonly string[],
): Verification {
  const items = readItems(definition, request);
  if ("reason" in items) return items;

  const candidates = items.values
    .filter((item) => item.startsWith(definition.prefix ?? ""))
    .map((item) => decodeDigest(item.slice(definition.prefix?.length ?? 0), definition.encoding))
    .filter((digest) => digest !== undefined);
  if (candidates.length === 0) {
    return unverified(`${definition.header} holds no ${shapeOf(definition)}`);
  }

  const timestamp = readTimestamp(definition.timestamp, request, items.values);
  if (typeof timestamp === "object") return timestamp;

  const content = fillContent(definition.content, request, timestamp);
  if ("reason" in content) return content;

  let unusable: SecretError | undefined;
  for (const secret of secrets) {
    const key = decodeKey(secret, definition.key);
    if (key === undefined) {
      unusable = new SecretError(
        `a stored secret is empty or not ${definition.key.encoding}: store it again as shown`,
      );
      continue;
    }
    const hmac = createHmac(definition.hash, key);
    for (const part of content.parts) hmac.update(part);
    const digest = hmac.digest();
    if (candidates.some((candidate) => equal(candidate, digest))) return { verified: true };
  }
  if (unusable !== undefined) throw unusable;
  return {
    ...unverified(`${definition.header} was not made with an active secret of the source`),
    otherSecret: true,
  };
}

function readItems(definition: HmacSignature, request: SignedRequest): { values: string[] } | Unverified {
  const header = readHeader(definition.header, request);
  if (typeof header !== "string") return header;
  const values = definition.separator === undefined ? [header] : header.split(definition.separator);
  return { values: values.map((item) => item.trim()) };
}

function readHeader(name: string, { headers }: SignedRequest): string | Unverified {
  const [value, ...others] = headerValues(headers, name);
  if (value === undefined) return unverified(`the header ${name} is missing`);
  if (others.length > 0) return unverified(`the header ${name} occurs ${others.length + 1} times`);
  return value;
}

function decodeDigest(text: string, encoding: HmacSignature["encoding"]): Buffer | undefined {
  if (encoding === "base64") return text === "" ? undefined : decodeBase64(text);
  return /^([0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, "hex") : undefined;
}

function shapeOf({ prefix, encoding }: HmacSignature): string {
  return prefix === undefined ? `${encoding} digest` : `${encoding} digest after ${prefix}`;
}

/** The signed time as the sender wrote it, which is what was signed; empty for a scheme that signs none. */
function readTimestamp(
  definition: TimestampDefinition | undefined,
  request: SignedRequest,
  signatureItems: readonly string[],
): string | Unverified {
  if (definition === undefined) return "";
  const { prefix = "", unit, toleranceSeconds } = definition;

  let items = signatureItems;
  if (definition.header !== undefined) {
    const header = readHeader(definition.header, request);
    if (typeof header !== "string") return header;
    items = [header.trim()];
  }
  const [text, ...others] = items
    .filter((item) => item.startsWith(prefix))
    .map((item) => item.slice(prefix.length));
  if (text === undefined || others.length > 0 || !/^\d{1,15}$/.test(text)) {
    return unverified(`the signed time is missing or not a whole number of ${unit}`);
  }

  // Counted in whole units, as the providers' own libraries do.
  const unitMilliseconds = unit === "seconds" ? 1000 : 1;
  const distance = Math.floor(request.receivedAt / unitMilliseconds) - Number(text);
  const distanceSeconds = (Math.abs(distance) * unitMilliseconds) / 1000;
  if (distanceSeconds <= toleranceSeconds) return text;
  const side = distance > 0 ? "before" : "after";
  return unverified(
    `the signed time is ${Math.ceil(distanceSeconds)} s ${side} the receive time, ${toleranceSeconds} s are allowed`,
  );
}

function fillContent(
  template: string,
  request: SignedRequest,
  timestamp: string,
): { parts: (string | Buffer)[] } | Unverified {
  const parts: (string | Buffer)[] = [];
  for (const piece of template.split(/(\{body\}|\{timestamp\}|\{header:[^}]+\})/)) {
    if (piece === "{body}") parts.push(request.body);
    else if (piece === "{timestamp}") parts.push(timestamp);
    else if (piece.startsWith("{header:")) {
      const value = readHeader(piece.slice("{header:".length, -1), request);
      if (typeof value !== "string") return value;
      parts.push(value);
    } else parts.push(piece);
  }
  return { parts };
}

function decodeKey(secret: string, { prefix = "", encoding }: HmacSignature["key"]): Buffer | undefined {
  const text = secret.startsWith(prefix) ? secret.slice(prefix.length) : secret;
  // An empty key would let everybody sign.
  if (text === "") return undefined;
  if (encoding === "utf8") return Buffer.from(text, "utf8");
  return decodeDigest(text, encoding);
}

function equal(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

function unverified(reason: string): Unverified {
  return { verified: false, reason, otherSecret: false };
}
