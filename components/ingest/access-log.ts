import { stableJson } from "../support/stable-json.js";

/**
 * One line of JSON per request. It is enough to follow a webhook from the sender's question to the history, which keeps
 * the same `extendedRequestId`, and to tell the gateway's refusals from those of SQS. It has no header, query string or
 * body. It has no `$context.error.message` either, because API Gateway repeats an Authorization header in it if it
 * takes that for a broken signature. Variables:
 * docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
export const accessLogFormat = stableJson({
  requestId: "$context.requestId",
  extendedRequestId: "$context.extendedRequestId",
  requestTimeEpoch: "$context.requestTimeEpoch",
  sourceIp: "$context.identity.sourceIp",
  httpMethod: "$context.httpMethod",
  resourcePath: "$context.resourcePath",
  protocol: "$context.protocol",
  status: "$context.status",
  responseLength: "$context.responseLength",
  responseLatency: "$context.responseLatency",
  integrationStatus: "$context.integration.status",
  integrationLatency: "$context.integration.latency",
  errorType: "$context.error.responseType",
});
