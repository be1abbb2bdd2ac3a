import { arnOf, describe, type Graph, resourcesOfType } from "../program/graph.js";
import { httpApiIds } from "../program/http-api-ids.js";
import type { Cloud } from "../services/cloud.js";
import type { ServiceRequest } from "../services/service-call.js";
import { serviceCaller } from "../services/sqs/sqs-query.js";
import type { LogPlace } from "../watching/logs.js";
import type { MetricSink } from "../watching/metrics.js";
import { recordHttpApiRequest, recordRestApiRequest } from "../watching/samples.js";
import { serveHttpApi } from "./http-api/server.js";
import type { Gateway } from "./request/http-server.js";
import { serveRestApi } from "./rest-api.js";

/** An API of the program that answers on this machine. */
export interface RunningApi extends Gateway {
  /** `RestApi orders` or `HTTP API abc123`. */
  readonly name: string;
}

export interface ServeApisOptions {
  readonly cloud: Cloud;
  readonly metrics: MetricSink;
  readonly onAccessLog: (line: string, place?: LogPlace) => void;
  /**
   * Called with each request to a service that an API makes of a request to it.
   *
   * @default nobody is
   */
  readonly onServiceCall?: (request: ServiceRequest) => void;
  /** Port of the first API; 0 takes a free one, as the others do. */
  readonly port: number;
}

/**
 * Serves every API that the program registers or adds routes to, REST APIs first, each on a port of its own.
 *
 * @throws UserError for an API that cannot be served locally, and for a port that is taken
 */
export async function serveApis({
  cloud,
  metrics,
  onAccessLog,
  onServiceCall = () => {},
  port,
}: ServeApisOptions): Promise<RunningApi[]> {
  const { graph } = cloud;
  const callService = serviceCaller(cloud);
  const sharedBy = (apiId: string) => {
    const place = accessLogPlace(graph, apiId);
    return {
      graph,
      callService: (request: ServiceRequest) => {
        onServiceCall(request);
        return callService(request);
      },
      onAccessLog: (line: string) => onAccessLog(line, place),
    };
  };
  const apis = [
    ...resourcesOfType(graph, "aws:apigateway/restApi:RestApi").map((restApi) => ({
      name: describe(restApi),
      serve: (port: number) =>
        serveRestApi(
          {
            ...sharedBy(restApi.id),
            restApi,
            onRequest: (measured) => recordRestApiRequest(metrics, String(restApi.state.name), measured),
          },
          port,
        ),
    })),
    ...httpApiIds(graph).map((apiId) => ({
      name: `HTTP API ${apiId}`,
      serve: (port: number) =>
        serveHttpApi(
          {
            ...sharedBy(apiId),
            apiId,
            onRequest: (measured) => recordHttpApiRequest(metrics, apiId, measured),
          },
          port,
        ),
    })),
  ];
  const running: RunningApi[] = [];
  try {
    for (const { name, serve } of apis) {
      running.push({ name, ...(await serve(running.length === 0 ? port : 0)) });
    }
    return running;
  } catch (error) {
    await Promise.all(running.map((api) => api.close()));
    throw error;
  }
}

/** The log group that a stage of the API writes its access log to. Undefined if that is not one of the program's. */
function accessLogPlace(graph: Graph, apiId: string): LogPlace | undefined {
  const stages = [
    ...resourcesOfType(graph, "aws:apigateway/stage:Stage").filter(({ inputs }) => inputs.restApi === apiId),
    ...resourcesOfType(graph, "aws:apigatewayv2/stage:Stage").filter(({ inputs }) => inputs.apiId === apiId),
  ];
  const [destination] = stages.flatMap(({ inputs }) => {
    const settings = inputs.accessLogSettings as { destinationArn?: string } | undefined;
    return settings?.destinationArn ?? [];
  });
  const group = resourcesOfType(graph, "aws:cloudwatch/logGroup:LogGroup").find(
    (each) => arnOf(each) === destination,
  );
  return group === undefined ? undefined : { group: String(group.state.name), stream: "local" };
}
