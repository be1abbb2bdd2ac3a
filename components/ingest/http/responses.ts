/** Statuses of SQS when it refuses a message. Its 5xx are passed on unchanged (AWS fact 2.6). */
const refusals = ["400", "403", "404"];

/**
 * SQS's refusals reach the sender as 502. They cannot be told from faults of ours, such as a role without permission. A
 * 4xx would stop some senders for good, and would not set off the alarm on server errors. The body stays SQS's own.
 * docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html, "Transforming API responses"
 */
export const responseParameters = refusals.map((statusCode) => ({
  statusCode,
  mappings: { "overwrite:statuscode": "502" },
}));
