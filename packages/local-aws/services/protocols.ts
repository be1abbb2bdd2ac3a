import { randomUUID } from "node:crypto";
import { AccessDenied } from "../iam/authoriser.js";
import type { ServiceResponse } from "./service-call.js";
import { ServiceError } from "./service-error.js";
import { SqsError } from "./sqs/errors.js";

/** An error on its way to a caller. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly status: number;
}

/** Answers in the JSON protocols of SQS, DynamoDB and Secrets Manager. */
export async function answerJson(
  service: string,
  operation: string,
  act: () => Promise<unknown>,
): Promise<ServiceResponse> {
  const type = service === "secretsmanager" ? "application/x-amz-json-1.1" : "application/x-amz-json-1.0";
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

/** Answers in the query protocol of SNS: XML. */
export async function answerQuery(
  service: string,
  operation: string,
  act: () => Promise<unknown>,
): Promise<ServiceResponse> {
  const requestId = `<RequestId>${randomUUID()}</RequestId>`;
  try {
    const output = (await act()) as Record<string, unknown>;
    const members = Object.entries(output).map(
      ([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`,
    );
    return xml(
      200,
      `<${operation}Response xmlns="${namespaceOf(service)}"><${operation}Result>${members.join("")}</${operation}Result><ResponseMetadata>${requestId}</ResponseMetadata></${operation}Response>`,
    );
  } catch (error) {
    const { code, message, status } = wireError(error, `${service} ${operation}`);
    const name = error instanceof AccessDenied ? "AuthorizationError" : code;
    return xml(
      error instanceof AccessDenied ? 403 : status,
      `<ErrorResponse xmlns="${namespaceOf(service)}"><Error><Type>Sender</Type><Code>${name}</Code><Message>${escapeXml(message)}</Message></Error>${requestId}</ErrorResponse>`,
    );
  }
}

/** What to say of an error; one that nobody foresaw is written to the console with the call it came from. */
export function wireError(
  error: unknown,
  call: string,
): WireError & { details?: Readonly<Record<string, unknown>> } {
  if (error instanceof AccessDenied) {
    return { code: "AccessDeniedException", message: error.message, status: 400 };
  }
  if (error instanceof ServiceError || isWireError(error)) return error;
  console.error(`local cloud: ${call}:`, error);
  return { code: "InternalFailure", message: `local cloud: ${(error as Error).message}`, status: 500 };
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

function xml(status: number, text: string): ServiceResponse {
  return { status, headers: { "content-type": "text/xml" }, body: Buffer.from(text) };
}

const namespaceOf = (service: string) => `http://${service}.amazonaws.com/doc/2010-03-31/`;

export const escapeXml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
