import { Account } from "@pulumi/aws/apigateway/account.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import * as pulumi from "@pulumi/pulumi";
import { currentPartition, trustService } from "../support/iam.js";

/**
 * The role by which API Gateway writes the access logs of all REST APIs of this account and Region. Without one AWS refuses
 * a stage that has such a log: docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 *
 * The account knows one role only, and a fresh account none. So each stack names a role of its own as it is made, and leaves
 * the account alone from then on: whichever was named last serves all, another's is no drift, and none is taken away while
 * others may log by it.
 */
export function createAccountLogging(
  name: string,
  tags: pulumi.Input<Record<string, pulumi.Input<string>>>,
  { parent }: { readonly parent: pulumi.Resource },
): Account {
  const shared = { parent, retainOnDelete: true };
  const role = new Role(
    `${name}-api-logging-role`,
    {
      description: "Lets API Gateway write the logs of all APIs of this account and Region",
      assumeRolePolicy: trustService("apigateway.amazonaws.com"),
      tags,
    },
    shared,
  );
  const attachment = new RolePolicyAttachment(
    `${name}-api-logging-role-policy`,
    {
      role: role.name,
      // API Gateway checks for the permissions of this very policy (same page).
      policyArn: pulumi.interpolate`arn:${currentPartition(parent)}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs`,
    },
    shared,
  );
  return new Account(
    `${name}-api-logging`,
    { cloudwatchRoleArn: role.arn },
    { ...shared, ignoreChanges: ["cloudwatchRoleArn"], dependsOn: [attachment] },
  );
}
