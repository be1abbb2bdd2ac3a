import { describe } from "../iam/graph-policies.js";
import { type Graph, type GraphResource, resourcesOfType } from "../program/graph.js";
import { UserError } from "../program/user-error.js";
import type { Cloud } from "../services/cloud.js";
import { serviceCaller } from "../services/sqs/sqs-query.js";
import type { MetricSink } from "../watching/metrics.js";
import { recordHttpApiRequest, recordRequest } from "../watching/samples.js";
import { httpApiIds } from "./http-api/api.js";
import { startHttpGateway } from "./http-api/server.js";
import type { ListenOptions } from "./request/http-server.js";
import { type Gateway, startGateway } from "./server.js";

/** What serves the one API that webhooks come in by, whichever kind it is. */
export function startFrontGateway(
  cloud: Cloud,
  metrics: MetricSink,
  onAccessLog: (line: string) => void,
  listen: ListenOptions,
): Promise<Gateway> {
  const { graph } = cloud;
  const served = { graph, callService: serviceCaller(cloud), onAccessLog };
  const api = onlyApi(graph);
  if (api.kind === "http") {
    return startHttpGateway(
      {
        ...served,
        apiId: api.id,
        onRequest: (measured) => recordHttpApiRequest(metrics, api.id, measured),
      },
      listen,
    );
  }
  const { restApi } = api;
  return startGateway(
    {
      ...served,
      restApi,
      onRequest: (measured) => recordRequest(metrics, String(restApi.state.name), measured),
    },
    listen,
  );
}

type Api =
  | { readonly kind: "rest"; readonly restApi: GraphResource }
  | { readonly kind: "http"; readonly id: string };

function onlyApi(graph: Graph): Api {
  const restApis = resourcesOfType(graph, "aws:apigateway/restApi:RestApi");
  const apis = [
    ...restApis.map((restApi) => ({ api: { kind: "rest", restApi } as const, name: describe(restApi) })),
    ...httpApiIds(graph).map((id) => ({ api: { kind: "http", id } as const, name: `HTTP API "${id}"` })),
  ];
  const [first, other] = apis;
  if (first === undefined) throw new UserError("the program registers no API: there is nothing to post to");
  if (other !== undefined) {
    throw new UserError(`the local pipeline runs one API, but the program also registers ${other.name}`);
  }
  return first.api;
}
