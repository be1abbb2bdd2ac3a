import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity.js";
import { getPartitionOutput } from "@pulumi/aws/getPartition.js";
import { getRegionOutput } from "@pulumi/aws/getRegion.js";
import * as pulumi from "@pulumi/pulumi";

/** One statement of a policy document, in AWS's form. */
export interface Statement {
  readonly Sid: string;
  readonly Effect?: "Allow" | "Deny";
  readonly Principal?: "*" | { readonly [kind: string]: pulumi.Input<string> };
  readonly Action: string | readonly string[];
  readonly Resource: pulumi.Input<string | string[]> | readonly pulumi.Input<string>[];
  readonly Condition?: {
    readonly [operator: string]: {
      readonly [key: string]: pulumi.Input<string> | readonly pulumi.Input<string>[];
    };
  };
}

/** A policy document as JSON. A statement allows unless its effect is `Deny`. */
export function policyDocument(statements: readonly Statement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map(({ Sid, Effect = "Allow", ...rest }) => ({ Sid, Effect, ...rest })),
  });
}

/**
 * Lets one AWS service assume a role. There is no condition on the source account: only the role's own account can pass
 * it to a service (docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html). API Gateway does not document
 * that it sends the source account, so a condition could block all webhooks.
 */
export function trustService(service: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Sid: "TrustService", Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" },
    ],
  });
}

/** Denies every call without TLS. Only denials like this one have a wildcard action. */
export function denyWithoutTls(
  service: string,
  resource: pulumi.Input<string> | readonly pulumi.Input<string>[],
): Statement {
  return {
    Sid: "DenyWithoutTls",
    Effect: "Deny",
    Principal: "*",
    Action: `${service}:*`,
    Resource: resource,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}

/**
 * Characters that the ARNs of a role's policies may take. All inline policies of a role together may have 10,240, and the other
 * statements take less than 3,800: docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const mostArnCharacters = 6_400;

/** ARNs one by one, or what all of them begin with where they are too many for their part of a policy. */
export function namedIfTheyFit(arns: readonly string[], mostCharacters = mostArnCharacters): string[] {
  const [first = ""] = arns;
  if (JSON.stringify(arns).length <= mostCharacters) return [...arns];
  const differsAt = [...first].findIndex((character, at) => arns.some((arn) => arn[at] !== character));
  return [`${differsAt === -1 ? first : first.slice(0, differsAt)}*`];
}

/** The account that the stack is deployed to. */
export function currentAccountId(parent: pulumi.Resource): pulumi.Output<string> {
  return getCallerIdentityOutput({}, { parent }).accountId;
}

/** The partition that the stack is deployed to, such as `aws`: the second part of every ARN there. */
export function currentPartition(parent: pulumi.Resource): pulumi.Output<string> {
  return getPartitionOutput({}, { parent }).partition;
}

/** What the services' host names end in there, such as `amazonaws.com`. */
export function currentDnsSuffix(parent: pulumi.Resource): pulumi.Output<string> {
  return getPartitionOutput({}, { parent }).dnsSuffix;
}

/** What the names of VPC endpoints start with there, such as `com.amazonaws`. */
export function currentReverseDnsPrefix(parent: pulumi.Resource): pulumi.Output<string> {
  return getPartitionOutput({}, { parent }).reverseDnsPrefix;
}

/** The Region that the stack is deployed to. */
export function currentRegion(parent: pulumi.Resource): pulumi.Output<string> {
  return getRegionOutput({}, { parent }).region;
}

/** The ARN of an EventBridge bus that is called by its name in the stack's account and Region, or by its ARN. */
export function busArn(nameOrArn: string, parent: pulumi.Resource): pulumi.Input<string> {
  if (nameOrArn.startsWith("arn:")) return nameOrArn;
  return pulumi.interpolate`arn:${currentPartition(parent)}:events:${currentRegion(parent)}:${currentAccountId(parent)}:event-bus/${nameOrArn}`;
}
