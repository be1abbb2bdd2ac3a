import { randomUUID } from "node:crypto";
import { AccessDenied } from "../../iam/authoriser.js";
import type { ServiceResponse } from "../service-call.js";
import { invalidParameter, missingParameter, SqsError } from "./errors.js";
import type { MessageAttribute } from "./message-attributes.js";

/** A call in the query protocol, as SQS reads it. */
export interface QueryCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * Reads a form the way SQS does, hostile ones included: whatever a careless template lets through is acted on.
 * A `QueueUrl` parameter overrides the queue in the path (AWS fact 2.7). Which value of a repeated parameter counts on AWS is
 * not known; here it is the last, which is the one a sender could add.
 *
 * @throws SqsError for a form without an action
 */
export function parseQuery(path: string, body: Uint8Array, origin: string): QueryCall {
  const { pathname, searchParams } = new URL(path, "http://sqs.local");
  const parameters = new Map([...searchParams, ...new URLSearchParams(Buffer.from(body).toString("utf8"))]);
  const operation = parameters.get("Action");
  if (operation === undefined) throw missingParameter("Action");
  parameters.delete("Action");
  parameters.delete("Version");

  const input: Record<string, unknown> = {};
  if (pathname !== "/") input.QueueUrl = `${origin}${pathname}`;
  for (const [name, value] of parameters) if (!name.includes(".")) input[name] = typed(name, value);
  const attributes = numberedAttributes(parameters, /^MessageAttributes?\.(\d+)\.(.+)$/);
  const system = numberedAttributes(parameters, /^MessageSystemAttributes?\.(\d+)\.(.+)$/);
  if (attributes !== undefined) input.MessageAttributes = attributes;
  if (system !== undefined) input.MessageSystemAttributes = system;
  return { operation, input };
}

/** Parameters that are whole numbers, which a form writes as text. */
const wholeNumbers: ReadonlySet<string> = new Set([
  "DelaySeconds",
  "MaxNumberOfMessages",
  "MaxNumberOfMessagesPerSecond",
  "MaxResults",
  "VisibilityTimeout",
  "WaitTimeSeconds",
]);

/** A text that is no whole number stays one, and is refused as such. */
function typed(name: string, value: string): unknown {
  return wholeNumbers.has(name) && /^[+-]?\d+$/.test(value) ? Number(value) : value;
}

/** `MessageAttribute.1.Name`, `.1.Value.DataType`, `.1.Value.StringValue` … as an object (AWS fact 2.2). */
function numberedAttributes(
  parameters: ReadonlyMap<string, string>,
  form: RegExp,
): Record<string, MessageAttribute> | undefined {
  const byNumber = new Map<string, Map<string, string>>();
  for (const [name, value] of parameters) {
    const [, number, field] = form.exec(name) ?? [];
    if (number === undefined || field === undefined) continue;
    byNumber.set(number, (byNumber.get(number) ?? new Map()).set(field, value));
  }
  if (byNumber.size === 0) return undefined;
  const attributes = [...byNumber.values()];
  const names = new Set(attributes.map((fields) => fields.get("Name")));
  if (names.size < attributes.length) {
    throw invalidParameter("Message (user) attribute names must be unique within a message.");
  }
  return Object.fromEntries(
    attributes.map((fields) => [
      fields.get("Name") ?? "",
      {
        DataType: fields.get("Value.DataType") ?? "",
        StringValue: fields.get("Value.StringValue"),
        BinaryValue: fields.get("Value.BinaryValue"),
      },
    ]),
  );
}

/** JSON where the caller accepts it, as API Gateway does by default; XML otherwise (AWS fact 2.4). */
const wantsJson = (accept: string | undefined) => /\bjson\b/.test(accept ?? "");

/** A successful answer. Members that a send does not have are null in JSON. */
export function querySuccess(
  operation: string,
  output: unknown,
  accept: string | undefined,
): ServiceResponse {
  const RequestId = randomUUID();
  const nulls = {
    MD5OfMessageAttributes: null,
    MD5OfMessageSystemAttributes: null,
    SequenceNumber: null,
  };
  const result = operation === "SendMessage" ? { ...nulls, ...withoutUndefined(output as object) } : output;
  if (wantsJson(accept)) {
    return respond(200, "application/json", RequestId, {
      [`${operation}Response`]: { ResponseMetadata: { RequestId }, [`${operation}Result`]: result },
    });
  }
  const members = Object.entries(output as Record<string, unknown>)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => element(name, String(value)))
    .join("");
  return respond(
    200,
    "text/xml",
    RequestId,
    `<?xml version="1.0"?><${operation}Response xmlns="${namespace}"><${operation}Result>${members}</${operation}Result><ResponseMetadata>${element("RequestId", RequestId)}</ResponseMetadata></${operation}Response>`,
  );
}

/** A refusal in the same form (AWS fact 2.5); undefined for an error that is none. */
export function queryFailure(error: unknown, accept: string | undefined): ServiceResponse | undefined {
  if (error instanceof AccessDenied) return failure("AccessDenied", error.message, 403, accept);
  if (error instanceof SqsError) return failure(error.code, error.message, error.status, accept);
  return undefined;
}

/** What SQS says to a content type that it does not take for a form (AWS fact 2.6). */
export function unknownOperation(accept: string | undefined): ServiceResponse {
  return failure("UnknownOperationException", "", 404, accept);
}

function failure(code: string, message: string, status: number, accept: string | undefined): ServiceResponse {
  const RequestId = randomUUID();
  if (wantsJson(accept)) {
    const fault = { Code: code, Message: message, Type: "Sender" };
    return respond(status, "application/json", RequestId, { Error: fault, RequestId });
  }
  const error = `<Error>${element("Type", "Sender")}${element("Code", code)}${element("Message", message)}</Error>`;
  return respond(
    status,
    "text/xml",
    RequestId,
    `<?xml version="1.0"?><ErrorResponse xmlns="${namespace}">${error}${element("RequestId", RequestId)}</ErrorResponse>`,
  );
}

const namespace = "http://queue.amazonaws.com/doc/2012-11-05/";

function respond(status: number, type: string, requestId: string, body: unknown): ServiceResponse {
  return {
    status,
    headers: { "content-type": type, "x-amzn-requestid": requestId },
    body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  };
}

function element(name: string, text: string): string {
  return `<${name}>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")}</${name}>`;
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined));
}
