import { randomBytes } from "node:crypto";
import type { ApiOptions } from "../api-options.js";
import { accessLogLine, noteIntegration } from "../request/access-log.js";
import { callerVariables, requestVariables } from "../request/context.js";
import type { Answer } from "../request/gateway-responses.js";
import { type Gateway, serveHttp } from "../request/http-server.js";
import { inTime } from "../request/in-time.js";
import type { ReceivedRequest } from "../request/method-request.js";
import type { JavaMap, JavaValue } from "../velocity/java-values.js";
import { type HttpApi, type HttpStage, type Route, readHttpApi } from "./api.js";
import { MappingFault, sendMessage } from "./send-message.js";

export interface HttpApiOptions extends ApiOptions<HttpMeasured> {
  /** Which HTTP API is served: one of the graph's, or another stack's that the graph adds routes to. */
  readonly apiId: string;
}

/** What was measured of a request, for CloudWatch's Count, 4xx, 5xx and Latency. */
export interface HttpMeasured {
  readonly stage: string;
  readonly status: number;
  readonly latencyMilliseconds: number;
}

/**
 * Serves an HTTP API's routes to SQS on this machine, as registered. What AWS's own answers say is partly guessed; which of
 * them are successes is not.
 *
 * @param port 0 takes a free one
 * @throws UserError for an API that cannot be served locally, and for a port that is taken
 */
export async function serveHttpApi(options: HttpApiOptions, port = 0): Promise<Gateway> {
  const { graph, apiId, clock = Date.now } = options;
  const served = { ...options, clock, api: readHttpApi(graph, apiId, clock) };
  return serveHttp((request) => answerRequest(served, request), { port, clock });
}

interface Served extends HttpApiOptions {
  readonly api: HttpApi;
  readonly clock: () => number;
}

async function answerRequest(served: Served, request: ReceivedRequest): Promise<Answer> {
  const { api, clock, onAccessLog = () => {}, onRequest = () => {} } = served;
  const place = locate(api, request);
  const context = requestContext(served, request, place);
  const answer = await route(served, request, place, context);

  const latencyMilliseconds = clock() - request.receivedAt;
  const line = accessLogLine({
    context,
    status: answer.status,
    bodyBytes: answer.body.length,
    latencyMilliseconds,
    format: place.stage?.accessLogFormat,
  });
  if (line !== undefined) onAccessLog(line);
  onRequest({ stage: place.stageName, status: answer.status, latencyMilliseconds });
  return { ...answer, headers: [["Apigw-Requestid", String(context.get("requestId"))], ...answer.headers] };
}

interface Place {
  readonly stageName: string;
  /** Absent for a stage that is another stack's. */
  readonly stage: HttpStage | undefined;
  /** Absent for a path that leads nowhere. */
  readonly route: Route | undefined;
}

/**
 * The stage and route a request is for. A stage whose name is the path's first part comes before `$default`. Of another
 * stack's API no stage is known, so that any name will do.
 */
function locate({ stages, routes }: HttpApi, { method, path }: ReceivedRequest): Place {
  const [, first = "", rest = ""] = /^\/([^/]*)(.*)$/s.exec(path) ?? [];
  const routeAt = (at: string) => routes.find(({ key }) => key === `${method} ${at}`);
  if (stages.length === 0) {
    const whole = routeAt(path);
    return whole === undefined
      ? { stageName: first, stage: undefined, route: routeAt(rest) }
      : { stageName: "$default", stage: undefined, route: whole };
  }
  const named = stages.find(({ name }) => name === first);
  if (named !== undefined) return { stageName: named.name, stage: named, route: routeAt(rest) };
  const byDefault = stages.find(({ name }) => name === "$default");
  return { stageName: byDefault?.name ?? "", stage: byDefault, route: byDefault && routeAt(path) };
}

/** Request line and header values together: 10,240 bytes (AWS fact 7.4). */
const longestRequestHead = 10_240;

async function route(
  served: Served,
  request: ReceivedRequest,
  { route, stage }: Place,
  context: JavaMap,
): Promise<Answer> {
  const { callService, onExecutionLog = console.error } = served;
  if (route === undefined) return message(404, "Not Found");
  if (headBytes(request) > longestRequestHead) return message(431, "Request Header Fields Too Large");
  if (request.body === undefined) return message(413, "Request Entity Too Large");
  if (stage?.takeToken(route.key) === false) return message(429, "Too Many Requests");

  const { integration } = route;
  const sources = {
    headers: request.headers,
    query: new URLSearchParams(request.query),
    path: request.path,
    // AWS does not say what becomes of bytes that are no UTF-8; here they are lost for all to see (AWS fact 7.4).
    body: Buffer.from(request.body).toString("utf8"),
    context,
    stageVariables: stage?.variables ?? {},
  };
  const told = (problem: string) =>
    onExecutionLog(
      `local HTTP API: ${request.method} ${request.path} (${context.get("requestId")}): ${problem}`,
    );
  try {
    const calledAt = served.clock();
    const sent = sendMessage(integration, sources, callService);
    const { status, headers, body } = await inTime(
      integration.timeoutMilliseconds,
      sent,
      (problem) => new Error(problem),
    );
    noteIntegration(context, status, served.clock() - calledAt);
    const type = headers["content-type"];
    return {
      status: integration.statuses.get(status) ?? status,
      headers: type === undefined ? [] : [["Content-Type", type]],
      body,
    };
  } catch (error) {
    if (error instanceof MappingFault) {
      told(error.detail);
      return message(error.status, error.message);
    }
    told((error as Error).message);
    return message(503, "Service Unavailable");
  }
}

function headBytes({ method, path, query, headers }: ReceivedRequest): number {
  const line = method.length + path.length + query.length;
  return headers.reduce((sum, { value }) => sum + value.length, line);
}

function message(status: number, text: string): Answer {
  return {
    status,
    headers: [["Content-Type", "application/json"]],
    body: Buffer.from(JSON.stringify({ message: text })),
  };
}

/** Variables of HTTP APIs: http-api-logging-variables.html of the API Gateway guide. */
function requestContext(
  { graph, api }: Served,
  request: ReceivedRequest,
  { stageName, route }: Place,
): JavaMap {
  const requestId = randomBytes(11).toString("base64");
  const { account, region } = graph;
  return new Map<string, JavaValue>([
    ...requestVariables(request, { apiId: api.id, account, region, stage: stageName }),
    ["requestId", requestId],
    ["extendedRequestId", requestId],
    ["routeKey", route?.key ?? null],
    ["identity", new Map<string, JavaValue>(callerVariables(request))],
  ]);
}
