import { type Graph, resourcesOfType } from "local-aws";

/**
 * The URL of each source on this machine: `https://<id>.execute-api.<Region>.amazonaws.com/v1/webhooks/github` at
 * another origin.
 */
export function localEndpoints(graph: Graph, origin: string): Record<string, string> {
  const endpoints = (graph.outputs.endpoints ?? {}) as Record<string, string>;
  return Object.fromEntries(
    Object.entries(endpoints).map(([source, url]) => [
      source,
      `${origin}${pathWithStage(graph, new URL(url))}`,
    ]),
  );
}

/** A URL's path under API Gateway's own host, with the stage instead of a custom domain's base path. */
function pathWithStage(graph: Graph, { hostname, pathname }: URL): string {
  const mapping = resourcesOfType(graph, "aws:apigateway/basePathMapping:BasePathMapping").find(
    ({ inputs }) => inputs.domainName === hostname,
  );
  if (mapping === undefined) return pathname;
  const { basePath, stageName } = mapping.inputs;
  return `/${stageName}${pathname.slice(basePath === undefined ? 0 : `/${basePath}`.length)}`;
}
