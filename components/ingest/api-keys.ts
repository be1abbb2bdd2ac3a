import { ApiKey } from "@pulumi/aws/apigateway/apiKey.js";
import type { RestApi } from "@pulumi/aws/apigateway/restApi.js";
import type { Stage } from "@pulumi/aws/apigateway/stage.js";
import { UsagePlan } from "@pulumi/aws/apigateway/usagePlan.js";
import { UsagePlanKey } from "@pulumi/aws/apigateway/usagePlanKey.js";
import type * as pulumi from "@pulumi/pulumi";
import { type IngestSource, keyOf } from "../../settings/ingest-source.js";

/**
 * An API key for each source that must send one, and the usage plan that activates them. AWS makes the values. Pulumi
 * keeps them encrypted in its state; signing secrets are never in the state.
 */
export function createApiKeys(
  name: string,
  {
    restApi,
    stages,
    sources,
    tags,
  }: {
    readonly restApi: RestApi;
    readonly stages: readonly Stage[];
    readonly sources: readonly IngestSource[];
    readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  },
  child: pulumi.CustomResourceOptions,
): Record<string, ApiKey> {
  const keyed = sources.filter(({ apiKey }) => apiKey);
  if (keyed.length === 0) return {};

  const plan = new UsagePlan(
    `${name}-api-plan`,
    {
      description: "Lets the sources that have an API key send webhooks",
      apiStages: stages.map(({ stageName }) => ({ apiId: restApi.id, stage: stageName })),
      tags,
    },
    child,
  );
  return Object.fromEntries(
    keyed.map((source) => {
      const key = new ApiKey(
        `${name}-${keyOf(source)}-api-key`,
        { description: `Sent by ${source.name} as x-api-key`, tags },
        child,
      );
      new UsagePlanKey(
        `${name}-${keyOf(source)}-api-plan-key`,
        { usagePlanId: plan.id, keyId: key.id, keyType: "API_KEY" },
        child,
      );
      return [source.name, key];
    }),
  );
}
