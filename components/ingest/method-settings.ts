import { MethodSettings } from "@pulumi/aws/apigateway/methodSettings.js";
import type { RestApi } from "@pulumi/aws/apigateway/restApi.js";
import type { Stage } from "@pulumi/aws/apigateway/stage.js";
import type * as pulumi from "@pulumi/pulumi";
import { type IngestSource, keyOf, pathsOf } from "../../settings/ingest-source.js";
import type { Throttling } from "../../settings/units.js";
import { type NamedByValue, nameByValue } from "../support/name-by-value.js";

/** Limits of the whole stage, and of each source that has its own. */
export function createMethodSettings(
  name: string,
  {
    restApi,
    stages,
    pathPrefixes,
    sources,
    throttling,
  }: {
    readonly restApi: RestApi;
    /** The present one first. */
    readonly stages: readonly { readonly made: Stage; readonly stageName: string }[];
    readonly pathPrefixes: readonly string[];
    readonly sources: readonly IngestSource[];
    readonly throttling: Throttling;
  },
  child: pulumi.CustomResourceOptions,
): void {
  const create = (
    { name: settingsName, aliases }: NamedByValue,
    stage: Stage,
    methodPath: string,
    { requestsPerSecond, burst }: Throttling,
  ) =>
    new MethodSettings(
      settingsName,
      {
        restApi: restApi.id,
        stageName: stage.stageName,
        methodPath,
        settings: {
          throttlingRateLimit: requestsPerSecond,
          throttlingBurstLimit: burst,
          // The execution log would contain bodies and headers, including secrets.
          loggingLevel: "OFF",
          dataTraceEnabled: false,
          metricsEnabled: false,
        },
      },
      { ...child, aliases },
    );

  const stageNames = stages.map(({ stageName }) => stageName);
  for (const named of nameByValue(`${name}-api-methods`, stageNames)) {
    const stage = stages.find(({ stageName }) => stageName === named.value);
    if (stage !== undefined) create(named, stage.made, "*/*", throttling);
  }
  for (const source of sources) {
    if (source.throttling === undefined) continue;
    const places = stages.flatMap((stage) =>
      pathsOf(source, pathPrefixes).map((path) => ({ stage, path, value: `${stage.stageName}${path}` })),
    );
    const named = nameByValue(
      `${name}-api-${keyOf(source)}-method`,
      places.map(({ value }) => value),
    );
    for (const [index, { stage, path }] of places.entries()) {
      const its = named[index];
      if (its !== undefined) create(its, stage.made, methodPath(path, "POST"), source.throttling);
    }
  }
}

/**
 * A method in the form that the settings of a stage use, with `~1` for each slash of its path. The provider passes it
 * on unchanged. If it contains slashes, AWS accepts it without an error and sets nothing:
 * github.com/hashicorp/terraform-provider-aws/issues/9738
 */
function methodPath(path: string, httpMethod: string): string {
  return `${path.replaceAll("/", "~1")}/${httpMethod}`;
}
