import { stableJson } from "../../support/stable-json.js";

/**
 * The REST API's format with the variables of HTTP APIs: one line of JSON per request, without header, query string or
 * body, and without error messages, which could repeat them. An HTTP API's `requestId` is the extended one, which the
 * sender cannot choose. The history keeps it.
 * docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
export const httpAccessLogFormat = stableJson({
  requestId: "$context.requestId",
  requestTimeEpoch: "$context.requestTimeEpoch",
  sourceIp: "$context.identity.sourceIp",
  httpMethod: "$context.httpMethod",
  routeKey: "$context.routeKey",
  protocol: "$context.protocol",
  status: "$context.status",
  responseLength: "$context.responseLength",
  responseLatency: "$context.responseLatency",
  integrationStatus: "$context.integration.status",
  integrationLatency: "$context.integration.latency",
  errorType: "$context.error.responseType",
});
