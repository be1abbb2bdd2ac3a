import type { GraphResource } from "../program/graph.js";
import type { ApiOptions } from "./api-options.js";
import { readApi } from "./document/api.js";
import { readDomains, readStages } from "./document/stages.js";
import { type Gateway, serveHttp } from "./request/http-server.js";
import { answerRequest, type Measured, type ServedApi } from "./request/invocation.js";

export interface RestApiOptions extends ApiOptions<Measured> {
  /** Which API of the graph is served. */
  readonly restApi: GraphResource;
}

/**
 * Serves a REST API on this machine: its OpenAPI document, stages, throttles, keys and policy, all as registered.
 *
 * @param port 0 takes a free one
 * @throws UserError for an API that cannot be served locally, and for a port that is taken
 */
export async function serveRestApi(options: RestApiOptions, port = 0): Promise<Gateway> {
  const served = readyToServe(options);
  return serveHttp((request) => answerRequest(served, request), { port, clock: served.clock });
}

function readyToServe(options: RestApiOptions): ServedApi {
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
