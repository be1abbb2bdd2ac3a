import { type SignatureDefinition, secretHeaders, secretQueryParameters } from "./definition.js";

/**
 * Headers, lower case, that carry credentials of the sender's: they are checked, never kept, and passed on only where a
 * source says so. X-Hub-Signature and its like are none of them: they prove one body and give nothing else away.
 */
const credentialHeaders = ["authorization", "cookie", "proxy-authorization", "x-api-key"];

/** All headers of a source, lower case, whose value is a credential: the usual ones, and where its scheme puts the secret. */
export function sensitiveHeaders(signature: SignatureDefinition): ReadonlySet<string> {
  return new Set([...credentialHeaders, ...secretHeaders(signature)]);
}

/** Query parameters of a source whose value is a credential. */
export function sensitiveQueryParameters(signature: SignatureDefinition): ReadonlySet<string> {
  return new Set(secretQueryParameters(signature));
}
