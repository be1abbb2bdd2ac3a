import { isKnownCoding } from "../envelope/content-coding.js";
import type { NameValue } from "../envelope/headers.js";
import type { Webhook } from "../envelope/webhook.js";
import type { SignatureDefinition } from "../signatures/definition.js";
import { sensitiveHeaders, sensitiveQueryParameters } from "../signatures/sensitive.js";

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

/** Whether only the sender of a request can set this header. The name is in lower case. */
export function isConnectionHeader(name: string): boolean {
  return ofTheConnection.includes(name) || ofTheGateway.test(name);
}

/** What decides about a sender's credentials. */
export interface CredentialRules {
  readonly signature: SignatureDefinition;
  /** Passes them on. Default: no. */
  readonly passSecretHeaders?: boolean;
}

/**
 * The sender's headers without those of its connection to the gateway, without credentials, and without a compression
 * that was taken off the body. Names are as the sender wrote them.
 */
export function passedHeaders(
  webhook: Pick<Webhook, "headers">,
  { signature, passSecretHeaders = false }: CredentialRules,
): NameValue[] {
  const named = [...webhook.headers]
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) => value.split(",").map((name) => name.trim().toLowerCase()));
  const credentials = passSecretHeaders ? new Set<string>() : sensitiveHeaders(signature);
  // The body has none of these codings any more. One that is not known here is still on it.
  const isDecoded = isKnownCoding((webhook.headers.get("content-encoding") ?? "").trim().toLowerCase());
  const dropped = (name: string) =>
    (name === "content-encoding" && isDecoded) ||
    isConnectionHeader(name) ||
    named.includes(name) ||
    credentials.has(name);
  return [...webhook.headers].filter(([name]) => !dropped(name.toLowerCase()));
}

/** The query's parameters without credentials. */
export function passedQuery(
  webhook: Pick<Webhook, "query">,
  { signature, passSecretHeaders = false }: CredentialRules,
): NameValue[] {
  const credentials = passSecretHeaders ? new Set<string>() : sensitiveQueryParameters(signature);
  return [...webhook.query].filter(([name]) => !credentials.has(name));
}
