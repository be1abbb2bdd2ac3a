import type { IngestSource } from "../../settings/ingest-source.js";
import { slackChallengeResponse } from "./handshakes.js";

/** Content type under which API Gateway finds a template when the sender asks for nothing it has. */
const json = "application/json";

const binaryAnswersNeedText = { contentHandling: "CONVERT_TO_TEXT" } as const;

/** What the sender of an accepted webhook is told: the id under which it can be traced. */
const accepted = { status: 200, body: '{"id":"$context.extendedRequestId"}' };

/** What the sender is told when SQS did not take the webhook. Providers send it again after any 5xx. */
const notQueued = {
  status: 502,
  body: '{"message":"The webhook was not queued.","id":"$context.extendedRequestId"}',
};

/**
 * API Gateway's choice among the answers by SQS's status. The default, which is taken for every status that nothing else
 * matches, is the failure: were it the success, a webhook that SQS refused would be reported as accepted and be lost.
 * SQS's own 4xx are failures as well, because they cannot be told from faults of ours, and a 4xx stops some senders.
 * Answers do not look at SQS's, and are turned to text, since under binary media types a templated answer is a 500
 * otherwise.
 */
export function integrationResponses({ handshake }: IngestSource): Record<string, object> {
  const body = handshake?.kind === "slack" ? slackChallengeResponse(accepted.body) : accepted.body;
  return {
    "2\\d{2}": {
      statusCode: String(accepted.status),
      responseTemplates: { [json]: body },
      ...binaryAnswersNeedText,
    },
    default: {
      statusCode: String(notQueued.status),
      responseTemplates: { [json]: notQueued.body },
      ...binaryAnswersNeedText,
    },
  };
}

/** The statuses a method may answer; API Gateway turns one that is not listed into a 500. */
export function methodResponses(): Record<string, object> {
  return {
    [accepted.status]: { description: "Queued" },
    413: { description: "Too large for the queue; sending it again will not help" },
    [notQueued.status]: { description: "Not queued; send it again" },
  };
}

/**
 * Answers that API Gateway gives by itself, before SQS is asked: a small JSON body with the id of the request instead of
 * its own bare message. REQUEST_TOO_LARGE (413, for bodies of more than 10 MB) cannot be changed.
 * docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export function gatewayResponses(): Record<string, object> {
  const answer = (statusCode?: number, message?: string) => ({
    ...(statusCode === undefined ? {} : { statusCode }),
    responseTemplates: {
      [json]: `{"message":${message === undefined ? "$context.error.messageString" : JSON.stringify(message)},"id":"$context.extendedRequestId"}`,
    },
  });
  const unknownSource = answer(404, "No such webhook source.");
  return {
    DEFAULT_4XX: answer(),
    DEFAULT_5XX: answer(),
    // API Gateway takes any unknown path for a request that lacks a signature of AWS's, and one with an Authorization
    // header, which it repeats, for one whose signature is broken. Both puzzle every sender.
    MISSING_AUTHENTICATION_TOKEN: unknownSource,
    INVALID_SIGNATURE: unknownSource,
    UNSUPPORTED_MEDIA_TYPE: answer(415, "This content type is not accepted here."),
    THROTTLED: answer(429, "Too many requests. Send it again later."),
    BAD_REQUEST_BODY: answer(400, "The body does not fit the source's schema."),
    ACCESS_DENIED: answer(403, "This address may not send webhooks for this source."),
    INVALID_API_KEY: answer(403, "The x-api-key header is missing or wrong."),
  };
}
