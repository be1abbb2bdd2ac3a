import type { ServiceResponse } from "../../services/service-call.js";
import { firstAccepted, forAccept, mimeType } from "../document/content-types.js";
import type { IntegrationResponse } from "../document/integration.js";
import { javaBytes } from "../velocity/java-text.js";
import type { JavaMap } from "../velocity/java-values.js";
import { renderMapping } from "../velocity/mapping-template.js";
import { isBinary, type Payload, payloadBytes, responsePayload } from "./binary.js";
import { overridden, overriddenStatus } from "./context.js";
import { GatewayFault } from "./gateway-fault.js";
import type { Answer } from "./gateway-responses.js";
import type { MethodRequest } from "./method-request.js";

export interface IntegrationResponseArgs {
  readonly responses: readonly IntegrationResponse[];
  /** Statuses of the method's responses. */
  readonly statuses: ReadonlySet<number>;
  readonly request: MethodRequest;
  readonly context: JavaMap;
  readonly stageVariables: JavaMap;
  readonly binaryMediaTypes: readonly string[];
}

/**
 * Turns the backend's response into the client's.
 *
 * @throws GatewayFault, a 500, when the API has no response for the status or the response cannot be made
 */
export function integrationAnswer(backend: ServiceResponse, args: IntegrationResponseArgs): Answer {
  const { responses, statuses, request, context, stageVariables, binaryMediaTypes } = args;
  const chosen = chooseResponse(responses, backend.status);
  if (!statuses.has(chosen.status))
    throw GatewayFault.configuration(
      `the method has no response ${chosen.status} (AWS fact 1.24 in docs/aws-facts.md)`,
    );

  const payload = responsePayload(
    backend.body,
    {
      binary: isBinary(binaryMediaTypes, mimeType(backend.headers["content-type"])),
      binaryAccepted: isBinary(binaryMediaTypes, firstAccepted(request.accept)),
    },
    chosen.contentHandling,
  );
  const template = forAccept(chosen.templates, request.accept);
  const body =
    template === undefined
      ? payloadBytes(payload)
      : javaBytes(render(payload, (text) => renderMapping(template, { ...args, body: text })));

  const sources = {
    request,
    context,
    stageVariables,
    body: Buffer.from(backend.body).toString("utf8"),
    backendHeaders: backend.headers,
  };
  const mapped = chosen.headers.flatMap(({ name, value }): [string, string][] => {
    const text = value(sources);
    return text === undefined ? [] : [[name, text]];
  });
  // Responses always have a content type, JSON unless it is mapped (AWS fact 1.18). A later header replaces an earlier one.
  const headers = new Map<string, [string, string]>([["content-type", ["Content-Type", "application/json"]]]);
  for (const [name, value] of [...mapped, ...overridden(context, "responseOverride", "header")]) {
    headers.set(name.toLowerCase(), [remapped(name), value]);
  }
  return { status: overriddenStatus(context) ?? chosen.status, headers: [...headers.values()], body };
}

function chooseResponse(responses: readonly IntegrationResponse[], status: number): IntegrationResponse {
  const chosen =
    responses.find(({ pattern }) => pattern?.test(String(status))) ??
    responses.find(({ pattern }) => pattern === undefined);
  if (chosen === undefined)
    throw GatewayFault.configuration(
      `No match for output mapping and no default output mapping configured. Endpoint Response Status Code: ${status}`,
    );
  return chosen;
}

function render(payload: Payload, template: (text: string) => string): string {
  if (!("text" in payload))
    throw GatewayFault.configuration(
      "Unable to transform response: the body is binary; the integration response needs contentHandling CONVERT_TO_TEXT (AWS fact 1.21a in docs/aws-facts.md)",
    );
  try {
    return template(payload.text);
  } catch (error) {
    throw GatewayFault.configuration(`the response template failed: ${(error as Error).message}`);
  }
}

/** Response headers that API Gateway renames (AWS fact 1.8d). */
const remappedHeaders = new Set([
  "authorization",
  "connection",
  "content-length",
  "content-md5",
  "date",
  "expect",
  "host",
  "max-forwards",
  "proxy-authenticate",
  "server",
  "trailer",
  "upgrade",
  "user-agent",
  "www-authenticate",
]);

function remapped(name: string): string {
  return remappedHeaders.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name;
}
