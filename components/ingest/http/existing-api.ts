import { getApi } from "@pulumi/aws/apigatewayv2/getApi.js";
import { getApisOutput } from "@pulumi/aws/apigatewayv2/getApis.js";
import * as pulumi from "@pulumi/pulumi";

/** An HTTP API that another stack owns: by its id, or by its name in this account and Region. */
export type ExistingHttpApi = { readonly id: pulumi.Input<string> } | { readonly name: string };

/** What routes and endpoint URLs need to know about an API. */
export interface HttpApiPlace {
  readonly id: pulumi.Output<string>;
  /** `https://….amazonaws.com`, without a stage. */
  readonly origin: pulumi.Output<string>;
}

/**
 * Looks an API up. The program stops with a one-line error if there is none or more than one, or if it is not an HTTP
 * API.
 */
export function findHttpApi(existing: ExistingHttpApi, parent: pulumi.Resource): HttpApiPlace {
  // The look-up is inside, so that an id that was not found is reported once and not looked up.
  const api = idOf(existing, parent).apply((apiId) => getApi({ apiId }, { parent }));
  return {
    id: api.apply(({ apiId, protocolType }) => httpApi(apiId, protocolType)),
    origin: api.apiEndpoint,
  };
}

function idOf(existing: ExistingHttpApi, parent: pulumi.Resource): pulumi.Output<string> {
  if ("id" in existing) return pulumi.output(existing.id);
  const { name } = existing;
  return getApisOutput({ name, protocolType: "HTTP" }, { parent }).ids.apply((ids) => onlyApi(name, ids));
}

/** @throws pulumi.RunError unless there is exactly one */
export function onlyApi(name: string, ids: readonly string[]): string {
  const [id, ...others] = ids;
  if (id !== undefined && others.length === 0) return id;
  throw new pulumi.RunError(
    id === undefined
      ? `api.existing.name: this account and Region have no HTTP API "${name}"`
      : `api.existing.name: this account and Region have ${ids.length} HTTP APIs "${name}" (${[...ids].sort().join(", ")}): set api.existing.id to the id of one`,
  );
}

/** @throws pulumi.RunError for an API of another kind */
export function httpApi(id: string, protocolType: string): string {
  if (protocolType === "HTTP") return id;
  throw new pulumi.RunError(
    `api.existing: ${id} is a ${protocolType} API, but routes to SQS need an HTTP API`,
  );
}
