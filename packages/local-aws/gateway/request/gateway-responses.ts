import { UserError } from "../../program/user-error.js";
import { forAccept } from "../document/content-types.js";
import type { GatewayResponseDefinition } from "../document/openapi.js";
import {
  type HeaderMapping,
  type MappingSources,
  readHeaderMappings,
} from "../document/parameter-mapping.js";
import { javaBytes } from "../velocity/java-text.js";
import type { JavaMap, JavaValue } from "../velocity/java-values.js";
import { contextValue } from "./context.js";
import { type GatewayFault, gatewayResponseDefaults } from "./gateway-fault.js";
import { lastValues, type MethodRequest } from "./method-request.js";

/** What goes back to the client. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** An API's own answers by their type. */
export type GatewayResponses = ReadonlyMap<string, GatewayResponse>;
interface GatewayResponse {
  readonly status: number | undefined;
  readonly headers: readonly HeaderMapping[];
  readonly templates: Readonly<Record<string, string>>;
}

/** AWS's types that the local gateway never has a reason for; a document may still define them. */
const neverGiven = [
  "AUTHORIZER_CONFIGURATION_ERROR",
  "AUTHORIZER_FAILURE",
  "EXPIRED_TOKEN",
  "QUOTA_EXCEEDED",
  "RESOURCE_NOT_FOUND",
  "UNAUTHORIZED",
  "WAF_FILTERED",
];

export function readGatewayResponses(
  definitions: Readonly<Record<string, GatewayResponseDefinition>>,
): GatewayResponses {
  const known = [...Object.keys(gatewayResponseDefaults), "DEFAULT_4XX", "DEFAULT_5XX", ...neverGiven];
  return new Map(
    Object.entries(definitions).map(([type, { statusCode, responseParameters, responseTemplates }]) => {
      if (!known.includes(type))
        throw new UserError(
          `gateway response "${type}" does not exist on AWS; the types are ${known.join(", ")}`,
        );
      const where = `gateway response ${type}`;
      const headers = readHeaderMappings(responseParameters, "gatewayresponse.header.", where);
      return [type, { status: statusCode, headers, templates: responseTemplates }];
    }),
  );
}

/**
 * The answer to a fault: the response of its type, else DEFAULT_4XX or DEFAULT_5XX with the type's own status, else AWS's
 * bare message. Writes `$context.error` on the way.
 */
export function gatewayAnswer(
  fault: GatewayFault,
  responses: GatewayResponses,
  sources: Omit<MappingSources, "body">,
): Answer {
  const { status: usualStatus, errorType } = gatewayResponseDefaults[fault.type];
  const { context, request } = sources;
  context.set("error", errorVariables(fault));
  if (fault.type === "REQUEST_TOO_LARGE") return plainAnswer(fault.message, usualStatus, errorType);
  const response =
    responses.get(fault.type) ?? responses.get(usualStatus < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX");
  const template = response && forAccept(response.templates, request.accept);
  const mapped = (response?.headers ?? []).flatMap(({ name, value }) => {
    const text = value({ ...sources, body: "" });
    return text === undefined ? [] : [[name, text] as const];
  });
  const typed = mapped.some(([name]) => name.toLowerCase() === "content-type");
  return {
    status: response?.status ?? usualStatus,
    headers: [
      ...(typed ? [] : [["Content-Type", "application/json"] as const]),
      ["x-amzn-ErrorType", errorType],
      ...mapped,
    ],
    body: javaBytes(substituted(template ?? '{"message":$context.error.messageString}', sources)),
  };
}

/** AWS does not let this one be customised, and gives it as plain text. */
function plainAnswer(message: string, status: number, errorType: string): Answer {
  return {
    status,
    headers: [
      ["Content-Type", "text/plain"],
      ["x-amzn-ErrorType", errorType],
    ],
    body: javaBytes(message),
  };
}

function errorVariables({ type, message, detail }: GatewayFault): JavaMap {
  return new Map<string, JavaValue>([
    ["message", message],
    ["messageString", JSON.stringify(message)],
    ["responseType", type],
    ["validationErrorString", type === "BAD_REQUEST_BODY" ? (detail ?? null) : null],
  ]);
}

const variable = String.raw`(context|stageVariables|method\.request)\.([\w-]+(?:\.[\w-]+)*)`;
const references = new RegExp(String.raw`\$${variable}|\$\{${variable}\}`, "g");

/**
 * Gateway responses know no Velocity: variables are put in as they are, and one without a value prints as nothing.
 * docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
 */
function substituted(template: string, sources: Omit<MappingSources, "body">): string {
  return template.replace(
    references,
    (_, root?: string, path?: string, braceRoot?: string, bracePath?: string) =>
      variableValue(root ?? braceRoot, path ?? bracePath ?? "", sources) ?? "",
  );
}

function variableValue(
  root: string | undefined,
  path: string,
  { context, stageVariables, request }: Omit<MappingSources, "body">,
): string | undefined {
  if (root === "context") return contextValue(context, path);
  return root === "stageVariables" ? contextValue(stageVariables, path) : requestParameter(request, path);
}

function requestParameter(request: MethodRequest, path: string): string | undefined {
  const [, place, name = ""] = /^(header|querystring|path)\.(.+)$/.exec(path) ?? [];
  const places: Readonly<Record<string, ReadonlyMap<string, string>>> = {
    header: lastValues(request.headers),
    querystring: lastValues(request.query),
    path: request.path,
  };
  return place === undefined ? undefined : places[place]?.get(name);
}
