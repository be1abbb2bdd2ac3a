import { AccessDenied } from "../../iam/authoriser.js";
import { queryFailure, querySuccess } from "../query-protocol.js";
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

/** A text that is not a whole number stays a text, and the operation refuses it. */
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

/** A successful answer in SQS's query protocol. Members that a send does not have are null in JSON. */
export function sqsSuccess(
  operation: string,
  output: Readonly<Record<string, unknown>>,
  accept: string | undefined,
): ServiceResponse {
  const nulls = {
    MD5OfMessageAttributes: null,
    MD5OfMessageSystemAttributes: null,
    SequenceNumber: null,
  };
  const given = Object.fromEntries(Object.entries(output).filter(([, value]) => value !== undefined));
  return querySuccess("sqs", operation, operation === "SendMessage" ? { ...nulls, ...given } : given, accept);
}

/** A refusal in the same form. Undefined for an error that is not SQS's own. */
export function sqsFailure(error: unknown, accept: string | undefined): ServiceResponse | undefined {
  if (error instanceof SqsError) return queryFailure("sqs", error, accept);
  if (!(error instanceof AccessDenied)) return undefined;
  return queryFailure("sqs", { code: "AccessDenied", message: error.message, status: 403 }, accept);
}

/** What SQS says to a content type that it does not take for a form (AWS fact 2.6). */
export function unknownOperation(accept: string | undefined): ServiceResponse {
  return queryFailure("sqs", { code: "UnknownOperationException", message: "", status: 404 }, accept);
}
