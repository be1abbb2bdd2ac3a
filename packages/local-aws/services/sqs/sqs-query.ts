import { AccessDenied } from "../../iam/authoriser.js";
import type { Principal } from "../../iam/principal.js";
import type { Cloud } from "../cloud.js";
import { answerJson } from "../protocols.js";
import type { CallService, ServiceResponse } from "../service-call.js";
import { ServiceError } from "../service-error.js";
import { SqsError } from "./errors.js";
import { parseQuery, sqsFailure, sqsSuccess, unknownOperation } from "./query-protocol.js";
import { isSqsOperation } from "./service.js";

/** What SQS sees of an HTTP request in its query protocol. */
interface QueryRequest {
  /** With the query string, if there is one. */
  readonly path: string;
  readonly contentType: string | undefined;
  readonly accept: string | undefined;
  readonly body: Uint8Array;
}

/**
 * Operations whose parameters and answers are texts, numbers and attributes, which is all that is read and written here. The
 * others need lists. Without them they would lose messages, or tell of fewer than there are.
 */
const flatOperations: ReadonlySet<string> = new Set([
  "SendMessage",
  "DeleteMessage",
  "ChangeMessageVisibility",
  "GetQueueUrl",
  "PurgeQueue",
  "StartMessageMoveTask",
  "CancelMessageMoveTask",
]);

/** Makes the call that a form asks for, whoever wrote the form. */
export async function callSqsQuery(
  cloud: Cloud,
  principal: Principal,
  { path, contentType, accept, body }: QueryRequest,
): Promise<ServiceResponse> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(contentType ?? "")) return unknownOperation(accept);
  try {
    const { operation, input } = parseQuery(path, body, "http://sqs.local");
    // An action that does not exist is refused before anybody asks for permission.
    if (!isSqsOperation(operation)) await cloud.sqs.handle(operation, input);
    if (!flatOperations.has(operation)) {
      cloud.authoriser.check(principal, { service: "sqs", operation, input });
      throw new SqsError(
        "AWS.SimpleQueueService.UnsupportedOperation",
        `local AWS has ${operation} in SQS's JSON protocol only, because a form cannot say it without lists`,
        "UnsupportedOperation",
        501,
      );
    }
    const output = await cloud.call(principal, { service: "sqs", operation, input });
    return sqsSuccess(operation, output as Record<string, unknown>, accept);
  } catch (error) {
    const failure = sqsFailure(error, accept);
    if (failure === undefined) throw error;
    return failure;
  }
}

/**
 * The calls that API Gateway's integrations make, each with its role, which must trust API Gateway and allow the call.
 * Only SQS is there; another service rejects, which the gateway answers as an integration failure.
 */
export function serviceCaller(cloud: Cloud): CallService {
  return async ({ service, path, headers, body, roleArn }) => {
    if (service !== "sqs") throw new ServiceError("UnknownService", `local AWS has no ${service}`, 501);
    const principal: Principal = { kind: "role", arn: roleArn };
    const accept = headers.accept;
    try {
      cloud.authoriser.checkTrust(roleArn, "apigateway.amazonaws.com");
    } catch (error) {
      const failure = error instanceof AccessDenied ? sqsFailure(error, accept) : undefined;
      if (failure === undefined) throw error;
      return failure;
    }
    const [prefix, operation] = (headers["x-amz-target"] ?? "").split(".");
    if (prefix === "AmazonSQS" && operation !== undefined) {
      return answerJson("sqs", operation, () =>
        cloud.call(principal, {
          service,
          operation,
          input: JSON.parse(Buffer.from(body).toString("utf8")) as Record<string, unknown>,
        }),
      );
    }
    return callSqsQuery(cloud, principal, { path, contentType: headers["content-type"], accept, body });
  };
}
