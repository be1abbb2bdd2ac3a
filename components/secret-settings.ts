import * as pulumi from "@pulumi/pulumi";
import type { Group } from "../settings/schemas.js";

/** Inputs that are made from a group of settings, by the type of resource; `*` stands for every type. */
const madeFrom: { readonly [group in Group]?: Readonly<Record<string, readonly string[]>> } = {
  sources: {
    "aws:apigateway/restApi:RestApi": ["body"],
    "aws:apigatewayv2/integration:Integration": ["requestParameters"],
    "aws:lambda/function:Function": ["code"],
  },
  api: {
    "aws:apigateway/restApi:RestApi": ["body"],
    "aws:apigateway/domainName:DomainName": ["domainName", "regionalCertificateArn"],
    "aws:apigateway/basePathMapping:BasePathMapping": ["domainName", "basePath"],
  },
  alarms: {
    "aws:sns/topicSubscription:TopicSubscription": ["endpoint"],
    "aws:cloudwatch/metricAlarm:MetricAlarm": ["alarmDescription", "threshold", "metricQueries"],
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": ["alarmDescription", "actionsSuppressor"],
    "aws:cloudwatch/dashboard:Dashboard": ["dashboardBody"],
  },
  events: {
    "aws:iam/rolePolicy:RolePolicy": ["policy"],
    "aws:lambda/function:Function": ["code"],
  },
  tags: { "*": ["tags"] },
};

/**
 * Makes secrets of Pulumi's state of what is made from settings that were set with `--secret`. Pulumi marks a setting as a
 * whole, so that a single secret value makes all of its group one.
 */
export function keepSecret(groups: readonly Group[]): pulumi.ResourceTransformation {
  return ({ type, props, opts }) => {
    const inputs = groups.flatMap((group) => [
      ...(madeFrom[group]?.[type] ?? []),
      ...(madeFrom[group]?.["*"] ?? []),
    ]);
    const secret = inputs
      .filter((input) => props[input] !== undefined)
      .map((input) => [input, pulumi.secret(props[input])] as const);
    return { props: { ...props, ...Object.fromEntries(secret) }, opts };
  };
}
