import { Account } from "@pulumi/aws/apigateway/account.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import * as pulumi from "@pulumi/pulumi";
import { currentPartition, trustService } from "../support/iam.js";

/** The account's only role for API Gateway's logs. */
export function createAccountLogging(
  name: string,
  tags: pulumi.Input<Record<string, pulumi.Input<string>>>,
  child: { readonly parent: pulumi.Resource },
): Account {
  const { parent } = child;
  const role = new Role(
    `${name}-api-logging-role`,
    {
      description: "Lets API Gateway write the logs of all APIs of this account and Region",
      assumeRolePolicy: trustService("apigateway.amazonaws.com"),
      tags,
    },
    child,
  );
  const attachment = new RolePolicyAttachment(
    `${name}-api-logging-role-policy`,
    {
      role: role.name,
      // API Gateway checks that the role has the permissions of exactly this policy:
      // docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
      policyArn: pulumi.interpolate`arn:${currentPartition(parent)}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs`,
    },
    child,
  );
  return new Account(
    `${name}-api-logging`,
    { cloudwatchRoleArn: role.arn },
    { ...child, dependsOn: [attachment] },
  );
}
