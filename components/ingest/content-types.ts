/**
 * MIME types a source may send when the stage names no others: what the providers in docs/ingest.md are known to send, and
 * their usual relatives. API Gateway matches them without parameters, so `application/json; charset=utf-8` is covered by
 * `application/json`, as is a request without a type; any other type is answered 415 and not queued.
 */
export const defaultContentTypes: readonly string[] = [
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
  // Contentful's webhooks: contentful.com/developers/docs/webhooks/request-headers
  "application/vnd.contentful.management.v1+json",
  "application/scim+json",
  "application/problem+json",
];
