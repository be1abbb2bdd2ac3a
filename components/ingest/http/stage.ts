import type { Route } from "@pulumi/aws/apigatewayv2/route.js";
import { Stage } from "@pulumi/aws/apigatewayv2/stage.js";
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import * as pulumi from "@pulumi/pulumi";
import type { HttpIngestSource } from "../../../settings/http-ingest-source.js";
import { pathsOf } from "../../../settings/ingest-source.js";
import type { Throttling } from "../../../settings/units.js";
import { nameByValue } from "../../support/name-by-value.js";
import { httpAccessLogFormat } from "./access-log.js";
import { routeKey } from "./route-key.js";

/**
 * The stages of the component's own API. Each deploys changes by itself, throttles, and logs each request. Each stage has
 * its own limits, so a sender that uses two of them has twice as much.
 */
export function createHttpApiStages(
  name: string,
  args: {
    readonly apiId: pulumi.Output<string>;
    /** The present one first. */
    readonly stageNames: readonly string[];
    readonly pathPrefixes: readonly string[];
    /** Whether Pulumi keeps the present stage. */
    readonly protect: boolean;
    readonly sources: readonly HttpIngestSource[];
    readonly routes: readonly Route[];
    readonly throttling: Throttling;
    readonly accessLogRetentionDays: number;
    readonly logKeyArn: pulumi.Input<string> | undefined;
    readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  },
  child: pulumi.CustomResourceOptions,
): void {
  const { apiId, stageNames, pathPrefixes, protect, sources, routes, throttling, logKeyArn, tags } = args;
  const accessLog = new LogGroup(
    `${name}-http-api-access-log`,
    {
      // HTTP APIs log by the delivery service, to which a policy of the account must open each group; it has 5,120 characters
      // for all of them, and names that begin like this one need but one entry:
      // docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
      // No two stages of an account have an API with the same id.
      name: pulumi.interpolate`/aws/vendedlogs/${name}-http-api-access-log-${apiId}`,
      retentionInDays: args.accessLogRetentionDays,
      ...(logKeyArn === undefined ? {} : { kmsKeyId: logKeyArn }),
      tags,
    },
    // A group that has another name already keeps it: with a new one its lines would go.
    { ...child, ignoreChanges: ["name"] },
  );
  for (const [index, stage] of nameByValue(`${name}-http-api-stage`, stageNames).entries()) {
    new Stage(
      stage.name,
      {
        apiId,
        name: stage.value,
        autoDeploy: true,
        accessLogSettings: { destinationArn: accessLog.arn, format: httpAccessLogFormat },
        defaultRouteSettings: limits(throttling),
        routeSettings: sources.flatMap((source) =>
          source.throttling === undefined
            ? []
            : pathsOf(source, pathPrefixes).map((path) => ({
                routeKey: routeKey(path),
                ...limits(source.throttling ?? throttling),
              })),
        ),
        tags,
      },
      // AWS refuses settings of a route that does not exist yet.
      { ...child, aliases: stage.aliases, protect: protect && index === 0, dependsOn: [...routes] },
    );
  }
}

function limits({ requestsPerSecond, burst }: Throttling) {
  return { throttlingRateLimit: requestsPerSecond, throttlingBurstLimit: burst };
}
