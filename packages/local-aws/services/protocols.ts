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
const json11 = ["secretsmanager", "events", "kinesis", "firehose", "logs"];

/** The services whose JSON protocol names faults as their query protocol does: the trait `awsQueryCompatible` of their models. */
const queryCompatible = ["sqs", "cloudwatch"];

/** Names of faults in CloudWatch's query protocol, where they differ: `awsQueryError` in its model (2010-08-01). */
const cloudWatchQueryCodes: Readonly<Record<string, string>> = {
  DashboardNotFoundError: "ResourceNotFound",
  InvalidFormatFault: "InvalidFormat",
  InvalidParameterCombinationException: "InvalidParameterCombination",
  InvalidParameterValueException: "InvalidParameterValue",
  MissingRequiredParameterException: "MissingParameter",
  ValidationException: "ValidationError",
};

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
    if (error instanceof SqsError) {
      return queryCompatibleFailure(type, service, error.code, error);
    }
    if (error instanceof AccessDenied && queryCompatible.includes(service)) {
      const { message } = error;
      return queryCompatibleFailure(type, service, "AccessDenied", {
        shape: "AccessDeniedException",
        message,
        status: 403,
      });
    }
    const { code, message, status, details } = wireError(error, `${service} ${operation}`);
    if (service === "cloudwatch") {
      return queryCompatibleFailure(type, service, cloudWatchQueryCodes[code] ?? code, {
        shape: code,
        message,
        status,
      });
    }
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

/**
 * A refusal of a service that spoke the query protocol before: the header names the fault as it was named there
 * (AWS fact 2.5).
 */
function queryCompatibleFailure(
  type: string,
  service: string,
  queryCode: string,
  { shape, message, status }: { readonly shape: string; readonly message: string; readonly status: number },
): ServiceResponse {
  const response = json(status, type, { __type: `com.amazonaws.${service}#${shape}`, message });
  return { ...response, headers: { ...response.headers, "x-amzn-query-error": `${queryCode};Sender` } };
}

function json(status: number, type: string, value: unknown): ServiceResponse {
  return { status, headers: { "content-type": type }, body: Buffer.from(JSON.stringify(value)) };
}
