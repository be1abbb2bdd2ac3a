import { type Graph, resourcesOfType } from "./graph.js";

/** Ids of the HTTP APIs that a program registers or adds routes to. */
export function httpApiIds(graph: Graph): string[] {
  const own = resourcesOfType(graph, "aws:apigatewayv2/api:Api").map(({ id }) => id);
  const routed = resourcesOfType(graph, "aws:apigatewayv2/route:Route").map(({ inputs }) =>
    String(inputs.apiId),
  );
  return [...new Set([...own, ...routed])];
}
