import type { IngestSource } from "../../settings/ingest-source.js";
import { challengeResponse, postedHandshake } from "./handshake-methods.js";

/** Content type whose template API Gateway uses if it has none that the sender asks for. */
const json = "application/json";

const binaryAnswersNeedText = { contentHandling: "CONVERT_TO_TEXT" } as const;

/** The answer to an accepted webhook: the id by which it can be traced. */
const accepted = { status: 200, body: '{"id":"$context.extendedRequestId"}' };

/** The answer if SQS did not take the webhook. Providers send it again after any 5xx. */
const notQueued = {
  status: 502,
  body: '{"message":"The webhook was not queued.","id":"$context.extendedRequestId"}',
};

/**
 * API Gateway chooses the answer by SQS's status. The default, for every status that nothing else matches, is the
 * failure. If it were the success, a webhook that SQS refused would be reported as accepted and be lost (AWS fact
 * 1.24). SQS's 4xx are failures too: they cannot be told from faults of ours, and a 4xx stops some senders. The answers
 * are fixed texts and are converted to text, because with binary media types a templated answer is otherwise a 500 (AWS
 * AWS fact 1.21a).
 */
export function integrationResponses({ handshake }: IngestSource): Record<string, object> {
  const posted = postedHandshake(handshake);
  const body = posted === undefined ? accepted.body : challengeResponse(posted, accepted.body);
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

/** The statuses that a method can answer. API Gateway turns one that is not listed into a 500. */
export function methodResponses(): Record<string, object> {
  return {
    [accepted.status]: { description: "Queued" },
    413: { description: "Too large for the queue; sending it again will not help" },
    [notQueued.status]: { description: "Not queued; send it again" },
  };
}

/**
 * Answers that API Gateway itself gives before it calls SQS: a small JSON body with the request's id instead of only a
 * message. REQUEST_TOO_LARGE (413, for bodies of more than 10 MB) cannot be changed.
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
    // API Gateway treats an unknown path as a request without an AWS signature. If it has an Authorization header, it
    // treats that as a broken signature and repeats it. Senders would not understand either answer.
    MISSING_AUTHENTICATION_TOKEN: unknownSource,
    INVALID_SIGNATURE: unknownSource,
    UNSUPPORTED_MEDIA_TYPE: answer(415, "This content type is not accepted here."),
    THROTTLED: answer(429, "Too many requests. Send it again later."),
    BAD_REQUEST_BODY: answer(400, "The body does not fit the source's schema."),
    ACCESS_DENIED: answer(403, "This address may not send webhooks for this source."),
    INVALID_API_KEY: answer(403, "The x-api-key header is missing or wrong."),
  };
}
