import type { Providers } from "./load.js";

/** Types that senders without a file in `providers/` are likely to use, and usual relatives of what providers send. */
const usualContentTypes = [
  "application/json",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "application/xml",
  "text/xml",
  "text/plain",
  "application/octet-stream",
  "application/cloudevents+json",
  "application/cloudevents-batch+json",
  "application/vnd.api+json",
  "application/vnd.github+json",
  "application/scim+json",
  "application/problem+json",
];

/**
 * MIME types that a stage accepts when it names no others: the usual ones, and what the providers send. API Gateway matches
 * them without parameters, so `application/json` covers `application/json; charset=utf-8`, and a request without a type
 * too; any other type is answered 415 and not queued.
 */
export function defaultContentTypes(providers: Providers): string[] {
  const sent = Object.values(providers).flatMap(({ contentTypes }) => contentTypes);
  return [...new Set([...usualContentTypes, ...sent])];
}
