import type { Graph, GraphResource } from "../program/graph.js";
import type { CallService } from "../services/service-call.js";
import { readApi } from "./document/api.js";
import { readDomains, readStages } from "./document/stages.js";
import { type Gateway, type ListenOptions, serveHttp } from "./request/http-server.js";
import { answerRequest, type Measured, type ServedApi } from "./request/invocation.js";

export type { Gateway } from "./request/http-server.js";

export interface GatewayOptions {
  readonly graph: Graph;
  /** Which API of the graph is served. */
  readonly restApi: GraphResource;
  /** Makes the integrations' calls, with the role of their `credentials`. */
  readonly callService: CallService;
  /** Gets a line for each request: the stage's access log format with the request's values. */
  readonly onAccessLog?: (line: string) => void;
  /** Gets what CloudWatch would be told of each request. */
  readonly onRequest?: (measured: Measured) => void;
  /**
   * Gets a line for each request that failed through the API's set-up or its backend, as AWS's execution log would.
   *
   * @default the console's standard error
   */
  readonly onExecutionLog?: (line: string) => void;
  /**
   * The time, in milliseconds since 1970.
   *
   * @default Date.now
   */
  readonly clock?: () => number;
}

/**
 * Serves a REST API on this machine: its OpenAPI document, stages, throttles, keys and policy, all as registered.
 *
 * @param listen port 0 takes a free one
 * @throws UserError for an API that cannot be served locally, and for a port that is taken
 */
export async function startGateway(options: GatewayOptions, listen: ListenOptions): Promise<Gateway> {
  const served = serve(options);
  return serveHttp((request) => answerRequest(served, request), { ...listen, clock: served.clock });
}

function serve(options: GatewayOptions): ServedApi {
  const { graph, restApi, callService, clock = Date.now } = options;
  const api = readApi(graph, restApi);
  const stages = readStages(graph, api, clock);
  return {
    api,
    stages,
    domains: readDomains(graph, api, stages),
    callService,
    onAccessLog: options.onAccessLog ?? (() => {}),
    onRequest: options.onRequest ?? (() => {}),
    onExecutionLog: options.onExecutionLog ?? console.error,
    clock,
  };
}
