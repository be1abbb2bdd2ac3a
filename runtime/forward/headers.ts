import { validateHeaderName, validateHeaderValue } from "node:http";
import type { NameValue } from "../envelope/headers.js";
import type { Webhook } from "../envelope/webhook.js";
import type { SignatureDefinition } from "../signatures/definition.js";
import type { ForwardDefinition } from "../stage/definition.js";
import { passedHeaders } from "../targets/passed-headers.js";

/** Headers of a Standard Webhooks signature. A request that is signed here has only its own. */
const ofASignature = ["webhook-id", "webhook-timestamp", "webhook-signature"];

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
  const replaced = forward.signing === undefined ? [] : ofASignature;
  const kept = passedHeaders(webhook, { ...forward, signature }).filter(
    ([name]) => !replaced.includes(name.toLowerCase()),
  );
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
