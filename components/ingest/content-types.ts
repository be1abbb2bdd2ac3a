/**
 * MIME types a source may send when the stage names no others. API Gateway matches them without parameters, so
 * `application/json; charset=utf-8` is covered by `application/json`, as is a request without a type; any other type is
 * answered 415 and not queued.
 */
export const defaultContentTypes: readonly string[] = [
  "application/json",
  "application/x-www-form-urlencoded",
  "application/cloudevents+json",
  "application/cloudevents-batch+json",
  "application/vnd.api+json",
  "application/xml",
  "application/octet-stream",
  "text/plain",
  "text/xml",
];
