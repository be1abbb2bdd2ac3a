import { randomUUID } from "node:crypto";
import type { ServiceResponse } from "./service-call.js";
import { type XmlContent, xmlElement } from "./xml.js";

/** Namespace of a service's answers. Refusals for services that do not exist here have SNS's form. */
const namespaceOf = (service: string) =>
  namespaces[service] ?? `http://${service}.amazonaws.com/doc/2010-03-31/`;

const namespaces: Readonly<Record<string, string>> = {
  sqs: "http://queue.amazonaws.com/doc/2012-11-05/",
  sts: "https://sts.amazonaws.com/doc/2011-06-15/",
};

/** JSON where the caller accepts it, as API Gateway does by default; XML otherwise (AWS fact 2.4). */
const wantsJson = (accept: string | undefined) => /\bjson\b/.test(accept ?? "");

/** A successful answer: texts and XML elements by their names. Only JSON shows those that are null. */
export function querySuccess(
  service: string,
  operation: string,
  output: Readonly<Record<string, unknown>>,
  accept: string | undefined,
): ServiceResponse {
  const RequestId = randomUUID();
  const [response, result] = [`${operation}Response`, `${operation}Result`];
  if (wantsJson(accept)) {
    return json(200, RequestId, { [response]: { ResponseMetadata: { RequestId }, [result]: output } });
  }
  const texts = Object.entries(output).map(([name, value]) => [
    name,
    value === undefined || value === null
      ? undefined
      : typeof value === "object"
        ? (value as XmlContent)
        : String(value),
  ]);
  const content = { [result]: Object.fromEntries(texts), ResponseMetadata: { RequestId } };
  return xml(200, RequestId, service, response, content);
}

/** A refusal (AWS fact 2.5). */
export function queryFailure(
  service: string,
  { code, message, status }: { readonly code: string; readonly message: string; readonly status: number },
  accept: string | undefined,
): ServiceResponse {
  const RequestId = randomUUID();
  if (wantsJson(accept)) {
    const fault = { Code: code, Message: message, Type: "Sender" };
    return json(status, RequestId, { Error: fault, RequestId });
  }
  const content = { Error: { Type: "Sender", Code: code, Message: message }, RequestId };
  return xml(status, RequestId, service, "ErrorResponse", content);
}

function json(status: number, requestId: string, body: object): ServiceResponse {
  return respond(status, requestId, "application/json", JSON.stringify(body));
}

function xml(
  status: number,
  requestId: string,
  service: string,
  name: string,
  content: XmlContent,
): ServiceResponse {
  const element = xmlElement(name, content, namespaceOf(service));
  return respond(status, requestId, "text/xml", `<?xml version="1.0"?>${element}`);
}

function respond(status: number, requestId: string, type: string, body: string): ServiceResponse {
  return {
    status,
    headers: { "content-type": type, "x-amzn-requestid": requestId },
    body: Buffer.from(body),
  };
}
