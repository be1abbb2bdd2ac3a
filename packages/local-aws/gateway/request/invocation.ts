import { validateHeaderName, validateHeaderValue } from "node:http";
import { partitionOf } from "../../program/partition.js";
import type { CallService } from "../../services/service-call.js";
import type { Api, ApiResource, Method } from "../document/api.js";
import { mimeType } from "../document/content-types.js";
import { findResource, type PathParameters } from "../document/routes.js";
import type { DomainMapping, Stage } from "../document/stages.js";
import { javaBytes } from "../velocity/java-text.js";
import type { JavaMap } from "../velocity/java-values.js";
import { accessLogLine, noteIntegration } from "./access-log.js";
import { callBackend } from "./backend.js";
import { withoutContentCoding } from "./content-coding.js";
import { contextValue, requestContext, traceId } from "./context.js";
import { GatewayFault, gatewayResponseDefaults } from "./gateway-fault.js";
import { type Answer, gatewayAnswer } from "./gateway-responses.js";
import { longestBodyBytes } from "./http-server.js";
import { integrationRequest } from "./integration-request.js";
import { integrationAnswer } from "./integration-response.js";
import {
  headerValue,
  lastValues,
  type MethodRequest,
  methodRequest,
  type ReceivedRequest,
} from "./method-request.js";

/** What was measured of a request, for CloudWatch's Count, 4XXError, 5XXError and Latency. */
export interface Measured {
  readonly stage: string;
  /** The resource's path; empty when the request's path leads to none. */
  readonly resource: string;
  readonly method: string;
  readonly status: number;
  readonly latencyMilliseconds: number;
}

/** An API with all that its requests need. */
export interface ServedApi {
  readonly api: Api;
  readonly stages: ReadonlyMap<string, Stage>;
  readonly domains: readonly DomainMapping[];
  readonly callService: CallService;
  readonly onAccessLog: (line: string) => void;
  readonly onRequest: (measured: Measured) => void;
  readonly onExecutionLog: (line: string) => void;
  readonly clock: () => number;
}

/** Answers one request. Never rejects: a fault of the gateway's own is a 500, told in the execution log. */
export async function answerRequest(served: ServedApi, received: ReceivedRequest): Promise<Answer> {
  const located = locateStage(served, received);
  // AWS answers so under a host name that it does not know a stage for.
  if (located === undefined) return forbidden();
  const invocation = startInvocation(served, received, located);
  const { context, stage, request, resource } = invocation;

  let answer: Answer;
  try {
    answer = checkedHeaders(await invoke(invocation));
  } catch (error) {
    const fault =
      error instanceof GatewayFault ? error : GatewayFault.configuration(String((error as Error).stack));
    if (fault.detail !== undefined && gatewayResponseDefaults[fault.type].status >= 500) {
      served.onExecutionLog(
        `local gateway: ${received.method} ${received.path} (${contextValue(context, "requestId")}): ${fault.detail}`,
      );
      context.set("integrationErrorMessage", fault.detail);
    }
    answer = gatewayAnswer(fault, served.api.gatewayResponses, {
      request,
      context,
      stageVariables: stage.variables,
    });
  }
  const latencyMilliseconds = served.clock() - received.receivedAt;
  const line = accessLogLine({
    context,
    status: answer.status,
    bodyBytes: answer.body.length,
    latencyMilliseconds,
    format: stage.accessLogFormat,
  });
  if (line !== undefined) served.onAccessLog(line);
  served.onRequest({
    stage: stage.name,
    resource: resource?.path ?? "",
    method: received.method,
    status: answer.status,
    latencyMilliseconds,
  });
  return { ...answer, headers: [...tracingHeaders(invocation), ...answer.headers] };
}

interface Invocation {
  readonly served: ServedApi;
  readonly received: ReceivedRequest;
  readonly stage: Stage;
  readonly resource: ApiResource | undefined;
  readonly method: Method | undefined;
  readonly request: MethodRequest;
  readonly context: JavaMap;
  readonly traceId: string;
}

function startInvocation(
  served: ServedApi,
  received: ReceivedRequest,
  { stage, path }: { stage: Stage; path: string },
): Invocation {
  const { api } = served;
  const found = findResource(api.resources, path);
  const { resource, pathParameters = new Map() as PathParameters } = found ?? {};
  const method = resource?.methods.get(received.method) ?? resource?.methods.get("ANY");
  const trace = traceId(headerValue(received.headers, "x-amzn-trace-id"), received.receivedAt);
  const context = requestContext(received, {
    apiId: api.id,
    account: api.account,
    region: api.region,
    stage: stage.name,
    deploymentId: stage.deploymentId,
    resource,
  });
  context.set("xrayTraceId", trace);
  const request = methodRequest(received, pathParameters, trace);
  return { served, received, stage, resource, method, request, context, traceId: trace };
}

/** The stage a request is for, and its path there: by a custom domain's mapping, else by the first part of the path. */
function locateStage(
  { api, stages, domains }: ServedApi,
  { headers, path }: ReceivedRequest,
): { stage: Stage; path: string } | undefined {
  const host = headerValue(headers, "host")?.replace(/:\d+$/, "").toLowerCase();
  const ofHost = domains.filter(({ domainName }) => domainName === host);
  const [, first = "", rest = ""] = /^\/([^/]*)(.*)$/s.exec(path) ?? [];
  if (ofHost.length > 0) {
    const mapped = ofHost.find(({ basePath }) => basePath !== "" && basePath === first);
    if (mapped !== undefined) return { stage: mapped.stage, path: rest };
    const root = ofHost.find(({ basePath }) => basePath === "");
    return root && { stage: root.stage, path };
  }
  const stage = api.executeApiEndpointDisabled ? undefined : stages.get(first);
  return stage && { stage, path: rest };
}

/** The way of a request through the API, from the method to the integration and back. */
async function invoke(invocation: Invocation): Promise<Answer> {
  const { served, stage, context } = invocation;
  const { api, callService, clock } = served;
  const method = checkedMethod(invocation);
  checkPolicy(invocation);
  checkSize(invocation);
  checkThrottle(invocation, method);
  const coding = headerValue(invocation.received.headers, "content-encoding");
  const request = {
    ...invocation.request,
    body: withoutContentCoding(invocation.request.body, coding),
  };
  checkRequest(request, method);

  const { integration } = method;
  const shared = {
    request,
    context,
    stageVariables: stage.variables,
    binaryMediaTypes: api.binaryMediaTypes,
  };
  const outgoing = integrationRequest({
    ...shared,
    integration,
    apiId: api.id,
    traceId: invocation.traceId,
  });
  const calledAt = clock();
  const backend = await callBackend(integration, outgoing, callService);
  noteIntegration(context, backend.status, clock() - calledAt);
  return integrationAnswer(backend, {
    ...shared,
    responses: integration.responses,
    statuses: method.statuses,
  });
}

/**
 * An unknown path or method counts as a request that lacks AWS's own signature; an `Authorization` of another kind as a
 * broken one, which AWS repeats word for word. Under which of its types it does so is not documented.
 */
function checkedMethod({ method, received }: Invocation): Method {
  if (method !== undefined) return method;
  const authorization = headerValue(received.headers, "authorization");
  if (authorization !== undefined) {
    throw new GatewayFault(
      "INVALID_SIGNATURE",
      `'${authorization.split(" ").at(-1)}' not a valid key=value pair (missing equal-sign) in Authorization header: '${authorization}'.`,
    );
  }
  throw new GatewayFault("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token");
}

function checkPolicy({ served: { api }, received, stage, resource }: Invocation): void {
  const { policy, id, region, account } = api;
  if (policy === undefined) return;
  const call = (owner: string) =>
    `arn:${partitionOf(region).name}:execute-api:${region}:${owner}:${id}/${stage.name}/${received.method}${resource?.path ?? "/"}`;
  const verdict = policy({ sourceIp: received.sourceIp, resourceArn: call(account) });
  if (verdict === "allowed") return;
  throw new GatewayFault(
    "ACCESS_DENIED",
    `User: anonymous is not authorized to perform: execute-api:Invoke on resource: ${call(`********${account.slice(-4)}`)}${
      verdict === "denied" ? " with an explicit deny" : ""
    }`,
    `the resource policy does not allow ${received.sourceIp}`,
  );
}

function checkSize({ received }: Invocation): void {
  if (received.body !== undefined) return;
  throw new GatewayFault("REQUEST_TOO_LARGE", `HTTP content length exceeded ${longestBodyBytes} bytes.`);
}

function checkThrottle({ received, stage, resource, context }: Invocation, method: Method): void {
  const tooMany = () => new GatewayFault("THROTTLED", "Too Many Requests");
  if (method.needsApiKey) {
    const value = headerValue(received.headers, "x-api-key");
    const key = value === undefined ? undefined : stage.apiKeys.get(value);
    if (key === undefined) throw new GatewayFault("INVALID_API_KEY", "Forbidden");
    const identity = context.get("identity");
    if (identity instanceof Map) identity.set("apiKey", value);
    if (!key.takeToken()) throw tooMany();
  }
  if (!stage.takeToken(resource?.path ?? "", method.httpMethod)) throw tooMany();
}

/** Required parameters must be there and not blank; a body must fit its type's model. */
function checkRequest(request: MethodRequest, { required, checkBody }: Method): void {
  const values: Readonly<Record<string, ReadonlyMap<string, string>>> = {
    header: lastValues(request.headers),
    querystring: lastValues(request.query),
    path: request.path,
  };
  const missing = required.filter(({ place, name }) => (values[place]?.get(name) ?? "").trim() === "");
  if (missing.length > 0)
    throw new GatewayFault(
      "BAD_REQUEST_PARAMETERS",
      `Missing required request parameters: [${missing.map(({ name }) => name).join(", ")}]`,
    );
  if (checkBody === undefined) return;
  const body = request.body.length === 0 ? "{}" : Buffer.from(request.body).toString("utf8");
  const problem = checkBody(body, mimeType(request.contentType));
  if (problem !== undefined) throw new GatewayFault("BAD_REQUEST_BODY", "Invalid request body", problem);
}

/** Headers that HTTP cannot carry, a line break in them say, are a fault of the mapping that made them. */
function checkedHeaders(answer: Answer): Answer {
  for (const [name, value] of answer.headers) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (error) {
      throw GatewayFault.configuration(`the response header ${name}: ${(error as Error).message}`);
    }
  }
  return answer;
}

/** What every answer carries, and the trace id where an AWS service was called with success (AWS fact 1.8e). */
function tracingHeaders({ context, method, traceId }: Invocation): [string, string][] {
  const value = (name: string) => contextValue(context, name) ?? "";
  const called = method?.integration.backend !== undefined && !context.has("error");
  return [
    ["x-amzn-RequestId", value("requestId")],
    ["x-amz-apigw-id", value("extendedRequestId")],
    ...(called ? [["X-Amzn-Trace-Id", traceId] as [string, string]] : []),
  ];
}

function forbidden(): Answer {
  return {
    status: 403,
    headers: [
      ["Content-Type", "application/json"],
      ["x-amzn-ErrorType", "ForbiddenException"],
    ],
    body: javaBytes('{"message":"Forbidden"}'),
  };
}
