import { UserError } from "../../program/user-error.js";
import { contextValue } from "../request/context.js";
import type { MethodRequest, Values } from "../request/method-request.js";
import { fromJson, type JavaMap, jsonText, printed } from "../velocity/java-values.js";
import { readPath } from "../velocity/json-path.js";

/** Where a mapped parameter can take its value from. */
export interface MappingSources {
  readonly request: MethodRequest;
  readonly context: JavaMap;
  readonly stageVariables: JavaMap;
  /** The request's or the backend's body as text. */
  readonly body: string;
  /** The backend's headers, lower-case names; absent until it answered. */
  readonly backendHeaders?: Readonly<Record<string, string>>;
}

/** The value of a mapped parameter; undefined when there is none, and the parameter is not sent. */
export type Mapping = (sources: MappingSources) => string | undefined;

export type RequestPlace = "header" | "querystring" | "path";
export interface RequestMapping {
  readonly place: RequestPlace;
  readonly name: string;
  readonly value: Mapping;
}
export interface HeaderMapping {
  readonly name: string;
  readonly value: Mapping;
}

/** Reads `requestParameters`. @param where names the method in an error */
export function readRequestMappings(
  parameters: Readonly<Record<string, string>>,
  where: string,
): RequestMapping[] {
  return Object.entries(parameters).map(([target, source]) => {
    const [, place, name] = /^integration\.request\.(header|querystring|path)\.(.+)$/.exec(target) ?? [];
    if (place === undefined || name === undefined)
      throw new UserError(`${where}: requestParameters cannot map to "${target}"`);
    return { place: place as RequestPlace, name, value: readMapping(source, "method.request", where) };
  });
}

/** Reads a response's `responseParameters`. @param prefix `method.response.header.` or `gatewayresponse.header.` */
export function readHeaderMappings(
  parameters: Readonly<Record<string, string>>,
  prefix: string,
  where: string,
): HeaderMapping[] {
  const side = prefix.startsWith("method.") ? "integration.response" : "method.request";
  return Object.entries(parameters).map(([target, source]) => {
    if (!target.startsWith(prefix))
      throw new UserError(`${where}: responseParameters cannot map to "${target}", only to ${prefix}NAME`);
    return { name: target.slice(prefix.length), value: readMapping(source, side, where) };
  });
}

/** Parameters of the method that a mapping reads: API Gateway refuses one that the method does not declare. */
export function parameterReadBy(source: string): { place: RequestPlace; name: string } | undefined {
  const [, place, name] =
    /^method\.request\.(?:multivalue)?(header|querystring|path)\.(.+)$/.exec(source) ?? [];
  return place === undefined || name === undefined ? undefined : { place: place as RequestPlace, name };
}

/** docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html */
function readMapping(
  source: string,
  side: "method.request" | "integration.response",
  where: string,
): Mapping {
  const constant = /^'(.*)'$/s.exec(source)?.[1];
  if (constant !== undefined) return () => constant;

  const [, root = "", name = ""] = /^(context|stageVariables)\.(.+)$/.exec(source) ?? [];
  if (root === "context") return ({ context }) => contextValue(context, name);
  if (root === "stageVariables") return ({ stageVariables }) => contextValue(stageVariables, name);

  if (source === `${side}.body`) return ({ body }) => body;
  const rest = source.startsWith(`${side}.`) ? source.slice(side.length + 1) : "";
  const [, place = "", key = ""] = /^(\w+)\.(.+)$/s.exec(rest) ?? [];
  if (place === "body") return ({ body }) => bodyPart(body, key);
  const read = side === "method.request" ? requestReaders[place] : responseReaders[place];
  if (read === undefined)
    throw new UserError(
      `${where}: the parameter mapping "${source}" is not one of API Gateway's; a constant goes in single quotes`,
    );
  return (sources) => read(sources, key);
}

type Reader = (sources: MappingSources, name: string) => string | undefined;

const last = (values: Values, name: string) => values.get(name)?.at(-1);
const joined = (values: Values, name: string) => values.get(name)?.join(",");

const requestReaders: Readonly<Record<string, Reader>> = {
  header: ({ request }, name) => last(request.headers, name),
  multivalueheader: ({ request }, name) => joined(request.headers, name),
  querystring: ({ request }, name) => last(request.query, name),
  multivaluequerystring: ({ request }, name) => joined(request.query, name),
  path: ({ request }, name) => request.path.get(name),
};

const backendHeader: Reader = ({ backendHeaders }, name) => backendHeaders?.[name.toLowerCase()];
const responseReaders: Readonly<Record<string, Reader>> = {
  header: backendHeader,
  multivalueheader: backendHeader,
};

function bodyPart(body: string, path: string): string | undefined {
  let parsed: ReturnType<typeof fromJson>;
  try {
    parsed = fromJson(body);
  } catch {
    return undefined;
  }
  const value = readPath(parsed, path);
  if (value === undefined) return undefined;
  return typeof value === "object" && value !== null ? jsonText(value) : printed(value);
}
