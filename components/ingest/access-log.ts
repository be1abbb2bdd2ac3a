import { stableJson } from "../support/stable-json.js";

/**
 * One line of JSON a request: enough to follow a webhook from the sender's complaint to the history, where the same
 * `extendedRequestId` is kept, and to tell a refusal of ours from one of SQS. No header, query string or body; and no
 * `$context.error.message`, in which API Gateway repeats an Authorization header that it takes for a broken signature.
 * Variables: docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
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
