import { type Graph, type GraphResource, resourcesOfType } from "../../program/graph.js";
import { UserError } from "../../program/user-error.js";
import { accountLimit, TokenBucket, throttleByKey } from "../document/throttle.js";
import { readSendMessage, type SendMessageIntegration } from "./send-message.js";

/** An HTTP API ready to be served. */
export interface HttpApi {
  readonly id: string;
  readonly routes: readonly Route[];
  /** Empty for an API of another stack, whose stages the program does not know. */
  readonly stages: readonly HttpStage[];
}

export interface Route {
  /** `POST /orders` */
  readonly key: string;
  readonly integration: SendMessageIntegration;
}

export interface HttpStage {
  /** `$default` or a name, which is the first part of the path. */
  readonly name: string;
  /** Absent: the stage keeps no access log. */
  readonly accessLogFormat: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
  /** Takes a token for a call of a route; false when the caller has to wait. */
  takeToken(routeKey: string): boolean;
}

const apiType = "aws:apigatewayv2/api:Api";
const routeType = "aws:apigatewayv2/route:Route";
const stageType = "aws:apigatewayv2/stage:Stage";
const integrationType = "aws:apigatewayv2/integration:Integration";

/**
 * Reads an HTTP API that the program registers or adds routes to.
 *
 * @throws UserError for what AWS could not make of it, and for what the local gateway does not have
 */
export function readHttpApi(graph: Graph, id: string, clock: () => number): HttpApi {
  const api = resourcesOfType(graph, apiType).find((resource) => resource.id === id);
  if (api?.inputs.body !== undefined) {
    throw new UserError(`${api.name}: the local HTTP API serves routes, not a body`);
  }
  const stages = ofApi(graph, stageType, id).map((stage) => readStage(stage, clock));
  if (api !== undefined && stages.length === 0) {
    throw new UserError(
      `${api.name}: has no stage; register an aws.apigatewayv2.Stage, or nothing can be called`,
    );
  }
  const integrations = ofApi(graph, integrationType, id);
  const routes = ofApi(graph, routeType, id).map((route) => readRoute(route, integrations));
  return { id, routes, stages };
}

function ofApi(graph: Graph, type: string, id: string): GraphResource[] {
  return resourcesOfType(graph, type).filter(({ inputs }) => inputs.apiId === id);
}

function readRoute({ name, inputs }: GraphResource, integrations: readonly GraphResource[]): Route {
  const key = String(inputs.routeKey);
  if (!/^[A-Z]+ \/[^{}]*$/.test(key)) {
    throw new UserError(
      `route "${name}": the local HTTP API knows METHOD /path without parameters, not "${key}"`,
    );
  }
  if ((inputs.authorizationType ?? "NONE") !== "NONE") {
    throw new UserError(
      `route "${name}": authorizers are not supported locally; leave them out for a local run`,
    );
  }
  const integration = integrations.find(({ id }) => inputs.target === `integrations/${id}`);
  if (integration === undefined) {
    throw new UserError(
      `route "${name}": its target is not an integration of this API; it must be integrations/<id>`,
    );
  }
  return { key, integration: readSendMessage(integration) };
}

function readStage({ name, inputs }: GraphResource, clock: () => number): HttpStage {
  if (inputs.autoDeploy !== true) {
    throw new UserError(`stage "${name}": deployments are not supported locally; set autoDeploy`);
  }
  const accessLog = inputs.accessLogSettings as { format?: string } | undefined;
  const settings = (inputs.routeSettings ?? []) as (RouteSettings & { readonly routeKey: string })[];
  return {
    name: String(inputs.name),
    accessLogFormat: accessLog?.format,
    variables: (inputs.stageVariables ?? {}) as Record<string, string>,
    takeToken: throttle(
      new Map(settings.map((setting) => [setting.routeKey, setting])),
      (inputs.defaultRouteSettings ?? {}) as RouteSettings,
      clock,
    ),
  };
}

interface RouteSettings {
  readonly throttlingRateLimit?: number;
  readonly throttlingBurstLimit?: number;
}

/** A route's own setting replaces the stage's. */
function throttle(
  settings: ReadonlyMap<string, RouteSettings>,
  byDefault: RouteSettings,
  clock: () => number,
): HttpStage["takeToken"] {
  const limitOf = (routeKey: string) => {
    const {
      throttlingRateLimit: ratePerSecond = accountLimit.ratePerSecond,
      throttlingBurstLimit: burst = accountLimit.burst,
    } = settings.get(routeKey) ?? byDefault;
    return { ratePerSecond, burst };
  };
  return throttleByKey(limitOf, new TokenBucket(accountLimit, clock), clock);
}
