import type { GraphResource } from "../../program/graph.js";
import { UserError } from "../../program/user-error.js";
import type { CallService, ServiceResponse } from "../../services/service-call.js";
import { readSelection, type Selection, type SelectionSources } from "./selection.js";

/** An integration of the subtype `SQS-SendMessage`, read and checked. */
export interface SendMessageIntegration {
  readonly roleArn: string;
  readonly parameters: ReadonlyMap<string, Selection>;
  readonly timeoutMilliseconds: number;
  /** Statuses of SQS's that the sender sees as another. */
  readonly statuses: ReadonlyMap<number, number>;
}

/** A request that cannot be mapped, which API Gateway answers itself. */
export class MappingFault extends Error {
  override readonly name = "MappingFault";

  constructor(
    readonly status: number,
    message: string,
    /** For the developer; the sender never sees it. */
    readonly detail: string,
  ) {
    super(message);
  }
}

/** Parameters of the subtype, besides `Region` (AWS fact 7.1). */
const known = [
  "QueueUrl",
  "MessageBody",
  "DelaySeconds",
  "MessageAttributes",
  "MessageDeduplicationId",
  "MessageGroupId",
];

/** Longest value of a request parameter in AWS's API model (AWS fact 7.1). */
const longestParameter = 512;

/** @throws UserError for what AWS refuses, and for what the local gateway does not do */
export function readSendMessage({ name, inputs }: GraphResource): SendMessageIntegration {
  const { integrationType, integrationSubtype, payloadFormatVersion, credentialsArn } = inputs;
  if (integrationType !== "AWS_PROXY" || integrationSubtype !== "SQS-SendMessage") {
    throw new UserError(
      `integration "${name}": the local HTTP API serves only AWS_PROXY with SQS-SendMessage`,
    );
  }
  if (payloadFormatVersion !== "1.0") {
    throw new UserError(`integration "${name}": payloadFormatVersion must be 1.0 for an AWS service`);
  }
  if (typeof credentialsArn !== "string") {
    throw new UserError(`integration "${name}": has no credentialsArn, without which it may not call SQS`);
  }
  const given = (inputs.requestParameters ?? {}) as Record<string, string>;
  for (const required of ["QueueUrl", "MessageBody"]) {
    if (given[required] === undefined) throw new UserError(`integration "${name}": ${required} is missing`);
  }
  return {
    roleArn: credentialsArn,
    parameters: new Map(Object.entries(given).map(([key, text]) => [key, readParameter(key, text, name)])),
    timeoutMilliseconds: Number(inputs.timeoutMilliseconds ?? 30_000),
    statuses: readStatuses(inputs.responseParameters, name),
  };
}

function readParameter(key: string, text: string, integration: string): Selection {
  const where = `integration "${integration}": ${key}`;
  if (text.length < 1 || text.length > longestParameter) {
    throw new UserError(
      `${where} has ${text.length} characters; AWS takes 1 to ${longestParameter} in a request parameter`,
    );
  }
  if (!known.includes(key)) throw new UserError(`${where} is not a parameter of SQS-SendMessage`);
  // "Invalid selection expression specified", seen with JSON that has nothing to fill in (AWS fact 7.3).
  if (key === "MessageAttributes" && !text.includes("$")) {
    throw new UserError(`${where}: AWS refuses JSON without an expression in braces`);
  }
  return readSelection(text, where);
}

function readStatuses(parameters: unknown, integration: string): Map<number, number> {
  const given = (parameters ?? []) as { statusCode: string; mappings: Record<string, string> }[];
  return new Map(
    given.map(({ statusCode, mappings }) => {
      const [key, ...others] = Object.keys(mappings);
      if (key !== "overwrite:statuscode" || others.length > 0) {
        throw new UserError(
          `integration "${integration}": the local HTTP API supports only overwrite:statuscode in responseParameters`,
        );
      }
      return [Number(statusCode), Number(mappings[key])];
    }),
  );
}

/**
 * Maps a request and sends it, with the integration's role.
 *
 * @throws MappingFault for a request that lacks what the mapping needs, or breaks it
 */
export function sendMessage(
  { roleArn, parameters }: SendMessageIntegration,
  sources: SelectionSources,
  callService: CallService,
): Promise<ServiceResponse> {
  const form = new URLSearchParams({ Action: "SendMessage", Version: "2012-11-05" });
  for (const [key, selection] of parameters) {
    const value = selection(sources);
    if (value === undefined) throw unresolved(key);
    if (key === "MessageAttributes") appendAttributes(form, value);
    else form.append(key, value);
  }
  return callService({
    service: "sqs",
    path: "/",
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from(form.toString()),
    roleArn,
  });
}

/** API Gateway's words as seen in hashicorp/terraform-provider-aws #19443; the status is a guess, a 4xx at any rate. */
function unresolved(key: string): MappingFault {
  return new MappingFault(
    400,
    `Unable to resolve property ${key}. Please make sure that the request to API Gateway contains all the necessary fields specified in request parameters.`,
    `the request has no value for ${key}`,
  );
}

/** What AWS answers to attributes that are no JSON is not known; that it cannot be a success is certain. */
function appendAttributes(form: URLSearchParams, json: string): void {
  for (const [index, [name, attribute]] of Object.entries(parseAttributes(json)).entries()) {
    const prefix = `MessageAttribute.${index + 1}`;
    form.append(`${prefix}.Name`, name);
    for (const [field, value] of Object.entries(attribute))
      form.append(`${prefix}.Value.${field}`, String(value));
  }
}

function parseAttributes(json: string): Record<string, object> {
  try {
    return JSON.parse(json) as Record<string, object>;
  } catch {
    throw new MappingFault(
      500,
      "Internal Server Error",
      "MessageAttributes are not JSON after the request's values are filled in",
    );
  }
}
