import { forMimeType, mimeType } from "../document/content-types.js";
import type { Integration } from "../document/integration.js";
import type { MappingSources, RequestPlace } from "../document/parameter-mapping.js";
import { javaBytes } from "../velocity/java-text.js";
import type { JavaMap } from "../velocity/java-values.js";
import { BodyNotJson, renderMapping } from "../velocity/mapping-template.js";
import type { Template } from "../velocity/velocity.js";
import { isBinary, type Payload, payloadBytes, requestPayload } from "./binary.js";
import { overridden } from "./context.js";
import { GatewayFault } from "./gateway-fault.js";
import type { MethodRequest } from "./method-request.js";

/** What is sent to the backend. */
export interface IntegrationRequest {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: ReadonlyMap<string, string>;
  readonly path: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

export interface IntegrationRequestArgs {
  readonly integration: Integration;
  readonly request: MethodRequest;
  readonly context: JavaMap;
  readonly stageVariables: JavaMap;
  readonly binaryMediaTypes: readonly string[];
  readonly apiId: string;
  readonly traceId: string;
}

/**
 * Turns the client's request into the backend's: body by template, parameters by mapping, then the overrides that the
 * template asked for (AWS fact 1.14).
 *
 * @throws GatewayFault for an unlisted content type, a template that fails, or a mapping API Gateway does not allow
 */
export function integrationRequest(args: IntegrationRequestArgs): IntegrationRequest {
  const { integration, request, context, stageVariables, binaryMediaTypes } = args;
  const type = mimeType(request.contentType);
  const template = chooseTemplate(integration, type);
  const payload = requestPayload(request.body, isBinary(binaryMediaTypes, type), integration.contentHandling);
  const body = template === undefined ? payloadBytes(payload) : renderBody(template, payload, args);

  const sources: MappingSources = {
    request,
    context,
    stageVariables,
    get body() {
      return "text" in payload ? payload.text : Buffer.from(payload.bytes).toString("utf8");
    },
  };
  const headers: Record<string, string> = {
    // What the backend gets without any mapping (AWS fact 1.19).
    accept: "application/json",
    "user-agent": `AmazonAPIGateway_${args.apiId}`,
    "content-type": request.contentType ?? "application/json",
    "x-amzn-trace-id": args.traceId,
  };
  for (const [name, value] of parametersFor("header", integration, sources)) {
    if (neverMapped.has(name.toLowerCase()))
      throw GatewayFault.configuration(`the header ${name} cannot be mapped on an AWS integration`);
    headers[name.toLowerCase()] = value;
  }
  return {
    headers,
    query: new Map(parametersFor("querystring", integration, sources)),
    path: new Map(parametersFor("path", integration, sources)),
    body,
  };
}

/** Headers that an AWS integration answers with 500 when they are mapped (AWS fact 1.8c). */
const neverMapped = new Set([
  "authorization",
  "connection",
  "content-length",
  "expect",
  "proxy-authenticate",
  "te",
  "transfer-encoding",
]);

/** The request template for a content type; undefined when the body goes through as it is (AWS fact 1.17). */
function chooseTemplate({ templates, passthroughBehavior }: Integration, type: string): Template | undefined {
  const template = forMimeType(templates, type);
  const none = Object.keys(templates).length === 0;
  const passes =
    passthroughBehavior === "WHEN_NO_MATCH" || (passthroughBehavior === "WHEN_NO_TEMPLATES" && none);
  if (template === undefined && !passes)
    throw new GatewayFault("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type", `no template for ${type}`);
  return template;
}

function renderBody(
  template: Template,
  payload: Payload,
  { request, context, stageVariables }: IntegrationRequestArgs,
): Uint8Array {
  if (!("text" in payload))
    throw GatewayFault.configuration(
      "Unable to transform request: the body is binary; the integration needs contentHandling CONVERT_TO_TEXT (AWS fact 1.21 in docs/aws-facts.md)",
    );
  try {
    const rendered = renderMapping(template, { body: payload.text, request, context, stageVariables });
    // A template that prints nothing sends an empty object (AWS fact 1.2).
    return javaBytes(rendered === "" ? "{}" : rendered);
  } catch (error) {
    if (error instanceof BodyNotJson) throw new GatewayFault("BAD_REQUEST_BODY", error.message);
    throw GatewayFault.configuration(`the request template failed: ${(error as Error).message}`);
  }
}

/** The mapped parameters of one place, with the template's overrides over them. */
function parametersFor(
  place: RequestPlace,
  { parameters }: Integration,
  sources: MappingSources,
): [string, string][] {
  const mapped = parameters
    .filter((parameter) => parameter.place === place)
    .flatMap(({ name, value }): [string, string][] => {
      const text = value(sources);
      return text === undefined ? [] : [[name, text]];
    });
  return [...mapped, ...overridden(sources.context, "requestOverride", place)];
}
