import { validateHeaderName, validateHeaderValue } from "node:http";
import { isKnownCoding } from "../envelope/content-coding.js";
import type { NameValue } from "../envelope/headers.js";
import type { Webhook } from "../envelope/webhook.js";
import type { SignatureDefinition } from "../signatures/definition.js";
import { sensitiveHeaders } from "../signatures/sensitive.js";
import type { ForwardDefinition } from "../stage/definition.js";

/** Headers that are about one connection, or about how the webhook arrived: RFC 9110, 7.6.1. */
const ofTheConnection = [
  "connection",
  "content-length",
  "expect",
  "forwarded",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Prefixes of the headers that API Gateway adds. */
const ofTheGateway = /^(x-forwarded-|x-amzn-)/;

/** Headers of a Standard Webhooks signature. A request that is signed here has only its own. */
const ofASignature = ["webhook-id", "webhook-timestamp", "webhook-signature"];

/** Whether only the sender of a request can set this header. The name is in lower case. */
export function isConnectionHeader(name: string): boolean {
  return ofTheConnection.includes(name) || ofTheGateway.test(name);
}

/** Headers of a request by their names. Several values are sent one after the other. */
export type RequestHeaders = Record<string, string | string[]>;

/**
 * The headers of a forwarded webhook: the sender's, without those of its connection to the gateway and without
 * credentials, and without a compression that was taken off the body; then the source's extra headers; then the pipeline's own.
 *
 * A sender that signs with Standard Webhooks has its own `webhook-id`. It stays unless the request is signed anew,
 * because the target needs it to check the sender's signature.
 */
export function forwardedHeaders(
  webhook: Webhook,
  forward: ForwardDefinition,
  signature: SignatureDefinition,
): RequestHeaders {
  const named = [...webhook.headers]
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) => value.split(",").map((name) => name.trim().toLowerCase()));
  const credentials = forward.passSecretHeaders ? new Set<string>() : sensitiveHeaders(signature);
  // The body has none of these codings any more. One that is not known here is still on it.
  const isDecoded = isKnownCoding((webhook.headers.get("content-encoding") ?? "").trim().toLowerCase());
  const replaced = forward.signing === undefined ? [] : ofASignature;
  const dropped = (name: string) =>
    (name === "content-encoding" && isDecoded) ||
    isConnectionHeader(name) ||
    named.includes(name) ||
    credentials.has(name) ||
    replaced.includes(name);

  const kept = [...webhook.headers].filter(([name]) => !dropped(name.toLowerCase()));
  const headers = collect(kept.map(([name, value]) => [name, wireText(value)] as const).filter(isSendable));
  for (const [name, value] of Object.entries(forward.headers ?? {})) setHeader(headers, name, value);
  if (!has(headers, "webhook-id")) headers["webhook-id"] = forwardedId(webhook.id);
  setHeader(headers, "webhook-source", webhook.source);
  setHeader(headers, "webhook-attempt", String(webhook.attempt));
  setHeader(headers, "webhook-received-at", webhook.receivedAt.toISOString());
  return headers;
}

/**
 * A webhook's id in a form that a header can carry and a signature can cover. Everything except letters, digits and a
 * few signs is percent-encoded, including the full stop, which ends the id in the text that Standard Webhooks signs.
 */
export function forwardedId(id: string): string {
  return [...Buffer.from(id)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9_~/:@+=-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

/** Sets a header and removes all headers with the same name in any case. */
export function setHeader(headers: RequestHeaders, name: string, value: string): void {
  for (const other of Object.keys(headers)) {
    if (other.toLowerCase() === name.toLowerCase()) delete headers[other];
  }
  headers[name] = value;
}

function has(headers: RequestHeaders, name: string): boolean {
  return Object.keys(headers).some((other) => other.toLowerCase() === name);
}

/** Names as the sender wrote them, each only once. */
function collect(pairs: readonly NameValue[]): RequestHeaders {
  const byName = Map.groupBy(pairs, ([name]) => name.toLowerCase());
  const headers = [...byName.values()].map((same) => {
    const values = same.map(([, value]) => value);
    return [same[0]?.[0] ?? "", values.length === 1 ? (values[0] ?? "") : values] as const;
  });
  return Object.fromEntries(headers);
}

/**
 * Node writes a header's characters as single bytes, which is how most servers read them. A character without such a
 * byte is sent as UTF-8.
 */
function wireText(value: string): string {
  return /[\u0100-\uffff]/.test(value) ? Buffer.from(value, "utf8").toString("latin1") : value;
}

/** Returns false for a value that no HTTP request can carry. */
function isSendable([name, value]: NameValue): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
