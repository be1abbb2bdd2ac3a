import { randomBytes, randomUUID } from "node:crypto";
import { partitionOf } from "../../program/partition.js";
import { type JavaMap, type JavaValue, printed, TemplateFault } from "../velocity/java-values.js";
import { headerValue, type ReceivedRequest } from "./method-request.js";

/** Which API and stage a request is for. */
export interface CalledApi {
  readonly apiId: string;
  readonly account: string;
  readonly region: string;
  readonly stage: string;
}

/** What a REST API's `$context` is made from, beside the request itself. */
export interface ContextArgs extends CalledApi {
  readonly deploymentId: string;
  readonly resource: { readonly id: string; readonly path: string } | undefined;
}

/**
 * `$context` of a REST API with the fields seen on AWS (AWS fact 1.9). The request id is made here for every request; on AWS
 * a client can override it, `extendedRequestId` it cannot (AWS fact 1.10).
 */
export function requestContext(request: ReceivedRequest, args: ContextArgs): JavaMap {
  const { resource } = args;
  const unknown = ["accountId", "caller", "principalOrgId", "accessKey", "userArn", "user"];
  return new Map<string, JavaValue>([
    ...requestVariables(request, args),
    ["resourceId", resource?.id ?? null],
    ["resourcePath", resource?.path ?? null],
    ["extendedRequestId", randomBytes(11).toString("base64")],
    ["requestOverride", overrides(["header", "path", "querystring"])],
    ["requestId", randomUUID()],
    [
      "identity",
      new Map<string, JavaValue>([
        ...unknown.map((name) => [name, null] as const),
        ...callerVariables(request),
      ]),
    ],
    ["deploymentId", args.deploymentId],
    ["responseOverride", overrides(["header"])],
  ]);
}

/** The variables that requests to both kinds of APIs have. */
export function requestVariables(
  request: ReceivedRequest,
  { apiId, account, region, stage }: CalledApi,
): [string, JavaValue][] {
  return [
    ["accountId", account],
    ["apiId", apiId],
    ["domainName", `${apiId}.execute-api.${region}.${partitionOf(region).dnsSuffix}`],
    ["domainPrefix", apiId],
    ["httpMethod", request.method],
    ["path", request.path],
    ["protocol", request.protocol],
    ["requestTime", commonLogTime(request.receivedAt)],
    ["requestTimeEpoch", BigInt(Math.trunc(request.receivedAt))],
    ["stage", stage],
  ];
}

/** What `$context.identity` says of an anonymous caller. */
export function callerVariables({ sourceIp, headers }: ReceivedRequest): [string, JavaValue][] {
  return [
    ["sourceIp", sourceIp],
    ["userAgent", headerValue(headers, "user-agent") ?? null],
  ];
}

/** A map that takes each key once: overriding a parameter twice is an error on AWS (AWS fact 1.14). */
class OverrideMap extends Map<string, JavaValue> {
  override set(key: string, value: JavaValue): this {
    if (this.has(key)) throw new TemplateFault(`"${key}" is overridden twice`);
    return super.set(key, value);
  }
}

function overrides(groups: readonly string[]): JavaMap {
  const map = new OverrideMap();
  for (const group of groups) map.set(group, new OverrideMap());
  return map;
}

/** What a template wrote into `$context.requestOverride.<group>` or `$context.responseOverride.<group>`. */
export function overridden(
  context: JavaMap,
  override: "requestOverride" | "responseOverride",
  group: string,
): [string, string][] {
  const groups = context.get(override);
  const values = groups instanceof Map ? groups.get(group) : undefined;
  return values instanceof Map ? [...values].map(([name, value]) => [name, printed(value)]) : [];
}

/** The status that a template asked for. AWS ignores a text that is not a status. */
export function overriddenStatus(context: JavaMap): number | undefined {
  const overrides = context.get("responseOverride");
  const status = overrides instanceof Map ? Number(printed(overrides.get("status"))) : 0;
  return Number.isInteger(status) && status >= 100 && status <= 599 ? status : undefined;
}

/** `identity.sourceIp` in a context; undefined where there is nothing. */
export function contextValue(context: JavaMap, path: string): string | undefined {
  let value: JavaValue = context;
  for (const name of path.split(".")) value = value instanceof Map ? value.get(name) : null;
  return value === null || value === undefined ? undefined : printed(value);
}

/** `dd/MMM/yyyy:HH:mm:ss +0000` (AWS fact 1.10). */
function commonLogTime(milliseconds: number): string {
  const [, day, month, year, time] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(milliseconds).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}

/** The X-Ray header: the sender's, if it has a root, else a new one. */
export function traceId(sent: string | undefined, milliseconds: number): string {
  if (sent !== undefined && /(^|;)\s*Root=/.test(sent)) return sent;
  const seconds = Math.trunc(milliseconds / 1000)
    .toString(16)
    .padStart(8, "0");
  return `Root=1-${seconds}-${randomBytes(12).toString("hex")}`;
}
