/** Statuses that SQS answers when it does not take a message; its 5xx are passed on as they are (AWS fact 2.6). */
const refusals = ["400", "403", "404"];

/**
 * SQS's refusals reach the sender as 502. They cannot be told from faults of ours, such as a role that lost its permission;
 * a 4xx stops some senders for good, and would not reach the alarm on server errors. The body stays SQS's own.
 * docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html, "Transforming API responses"
 */
export const responseParameters = refusals.map((statusCode) => ({
  statusCode,
  mappings: { "overwrite:statuscode": "502" },
}));
