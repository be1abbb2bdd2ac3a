import { type SignatureDefinition, secretHeaders, secretQueryParameters } from "./definition.js";

/**
 * Headers, in lower case, that carry the sender's credentials. They are checked, never kept, and passed on only if a
 * source's settings say so. X-Hub-Signature and similar headers are not among them, because they prove one body and
 * reveal nothing else. X-Hook-Secret is the secret itself, in the handshake of Asana and others.
 */
const credentialHeaders = ["authorization", "cookie", "proxy-authorization", "x-api-key", "x-hook-secret"];

/**
 * All headers of a source, in lower case, whose value is a credential: the usual ones, and the header in which its
 * scheme puts the secret.
 */
export function sensitiveHeaders(signature: SignatureDefinition): ReadonlySet<string> {
  return new Set([...credentialHeaders, ...secretHeaders(signature)]);
}

/** Query parameters of a source whose value is a credential. */
export function sensitiveQueryParameters(signature: SignatureDefinition): ReadonlySet<string> {
  return new Set(secretQueryParameters(signature));
}
