import { AccessDenied } from "../iam/authoriser.js";
import { queryFailure, querySuccess } from "./query-protocol.js";
import type { ServiceResponse } from "./service-call.js";
import { ServiceError } from "./service-error.js";
import { SqsError } from "./sqs/errors.js";

/** An error on its way to a caller. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly status: number;
}

/** The services that speak JSON 1.1; the others speak 1.0. */
const json11 = ["secretsmanager", "events", "kinesis", "firehose"];

/** Answers in the JSON protocols. */
export async function answerJson(
  service: string,
  operation: string,
  act: () => Promise<unknown>,
): Promise<ServiceResponse> {
  const type = `application/x-amz-json-${json11.includes(service) ? "1.1" : "1.0"}`;
  try {
    return json(200, type, await act());
  } catch (error) {
    if (error instanceof SqsError)
      return sqsFailure(type, error.code, error.shape, error.message, error.status);
    if (error instanceof AccessDenied && service === "sqs") {
      return sqsFailure(type, "AccessDenied", "AccessDeniedException", error.message, 403);
    }
    const { code, message, status, details } = wireError(error, `${service} ${operation}`);
    return json(status, type, { __type: code, message, Message: message, ...details });
  }
}

/** Answers in the query protocol, as SNS does: XML. */
export async function answerQuery(
  service: string,
  operation: string,
  act: () => Promise<unknown>,
): Promise<ServiceResponse> {
  try {
    return querySuccess(service, operation, (await act()) as Record<string, unknown>, undefined);
  } catch (error) {
    if (error instanceof AccessDenied) {
      const refusal = { code: "AuthorizationError", message: error.message, status: 403 };
      return queryFailure(service, refusal, undefined);
    }
    return queryFailure(service, wireError(error, `${service} ${operation}`), undefined);
  }
}

/** How an error is told to the caller. An unexpected one is also written to the console, with its call. */
export function wireError(
  error: unknown,
  call: string,
): WireError & { details?: Readonly<Record<string, unknown>> } {
  if (error instanceof AccessDenied) {
    return { code: "AccessDeniedException", message: error.message, status: 400 };
  }
  if (error instanceof ServiceError || isWireError(error)) return error;
  console.error(`local AWS: ${call}:`, error);
  return { code: "InternalFailure", message: `local AWS: ${(error as Error).message}`, status: 500 };
}

function isWireError(error: unknown): error is WireError {
  return typeof error === "object" && error !== null && "code" in error && "status" in error;
}

function sqsFailure(
  type: string,
  code: string,
  shape: string,
  message: string,
  status: number,
): ServiceResponse {
  const response = json(status, type, { __type: `com.amazonaws.sqs#${shape}`, message });
  return { ...response, headers: { ...response.headers, "x-amzn-query-error": `${code};Sender` } };
}

function json(status: number, type: string, value: unknown): ServiceResponse {
  return { status, headers: { "content-type": type }, body: Buffer.from(JSON.stringify(value)) };
}
