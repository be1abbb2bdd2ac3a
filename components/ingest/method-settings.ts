import { MethodSettings } from "@pulumi/aws/apigateway/methodSettings.js";
import type { RestApi } from "@pulumi/aws/apigateway/restApi.js";
import type { Stage } from "@pulumi/aws/apigateway/stage.js";
import type * as pulumi from "@pulumi/pulumi";
import type { IngestSource } from "../../settings/ingest-source.js";

/** Limits of the whole stage, and of each source that has its own. */
export function createMethodSettings(
  name: string,
  {
    restApi,
    stage,
    pathPrefix,
    sources,
    throttling,
  }: {
    readonly restApi: RestApi;
    readonly stage: Stage;
    readonly pathPrefix: string;
    readonly sources: readonly IngestSource[];
    readonly throttling: { readonly requestsPerSecond: number; readonly burst: number };
  },
  child: pulumi.CustomResourceOptions,
): void {
  const limits = [
    { suffix: "methods", methodPath: "*/*", throttling },
    ...sources.flatMap((source) =>
      source.throttling === undefined
        ? []
        : [
            {
              suffix: `${source.name}-method`,
              methodPath: methodPath(`/${pathPrefix}/${source.name}`, "POST"),
              throttling: source.throttling,
            },
          ],
    ),
  ];
  for (const { suffix, methodPath, throttling } of limits) {
    new MethodSettings(
      `${name}-api-${suffix}`,
      {
        restApi: restApi.id,
        stageName: stage.stageName,
        methodPath,
        settings: {
          throttlingRateLimit: throttling.requestsPerSecond,
          throttlingBurstLimit: throttling.burst,
          // The execution log would contain bodies and headers, including secrets.
          loggingLevel: "OFF",
          dataTraceEnabled: false,
          metricsEnabled: false,
        },
      },
      child,
    );
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
