import type { Route } from "@pulumi/aws/apigatewayv2/route.js";
import { Stage } from "@pulumi/aws/apigatewayv2/stage.js";
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import type * as pulumi from "@pulumi/pulumi";
import type { HttpIngestSource } from "../../../settings/http-ingest-source.js";
import type { Throttling } from "../../../settings/units.js";
import { httpAccessLogFormat } from "./access-log.js";
import { routeKey } from "./route-key.js";

/** The stage of the component's own API: it deploys changes by itself, throttles, and logs each request. */
export function createHttpApiStage(
  name: string,
  args: {
    readonly apiId: pulumi.Output<string>;
    readonly stageName: string;
    readonly pathPrefix: string;
    readonly sources: readonly HttpIngestSource[];
    readonly routes: readonly Route[];
    readonly throttling: Throttling;
    readonly accessLogRetentionDays: number;
    readonly logKeyArn: pulumi.Input<string> | undefined;
    readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  },
  child: pulumi.CustomResourceOptions,
): Stage {
  const { apiId, stageName, pathPrefix, sources, routes, throttling, logKeyArn, tags } = args;
  const accessLog = new LogGroup(
    `${name}-http-api-access-log`,
    {
      // HTTP APIs log by the delivery service, to which a policy of the account must open each group; it has 5,120 characters
      // for all of them, and names that begin like this one need but one entry:
      // docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
      namePrefix: `/aws/vendedlogs/${name}-http-api-access-log-`,
      retentionInDays: args.accessLogRetentionDays,
      ...(logKeyArn === undefined ? {} : { kmsKeyId: logKeyArn }),
      tags,
    },
    // A group that has another name already keeps it: with a new one its lines would go.
    { ...child, ignoreChanges: ["name", "namePrefix"] },
  );
  return new Stage(
    `${name}-http-api-stage`,
    {
      apiId,
      name: stageName,
      autoDeploy: true,
      accessLogSettings: { destinationArn: accessLog.arn, format: httpAccessLogFormat },
      defaultRouteSettings: limits(throttling),
      routeSettings: sources.flatMap((source) =>
        source.throttling === undefined
          ? []
          : [{ routeKey: routeKey(pathPrefix, source), ...limits(source.throttling) }],
      ),
      tags,
    },
    // AWS refuses settings of a route that does not exist yet.
    { ...child, dependsOn: [...routes] },
  );
}

function limits({ requestsPerSecond, burst }: Throttling) {
  return { throttlingRateLimit: requestsPerSecond, throttlingBurstLimit: burst };
}
