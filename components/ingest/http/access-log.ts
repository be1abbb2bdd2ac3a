import { stableJson } from "../../support/stable-json.js";

/**
 * As the REST API's format, in the variables of HTTP APIs: one line of JSON a request, without header, query string or body,
 * and without messages of errors, in which they could be repeated.
 * An HTTP API's `requestId` is its extended one, which the sender cannot choose; the history keeps it.
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
