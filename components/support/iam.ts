import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** One statement of a policy document, as AWS writes it. */
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

/** A policy document as JSON; statements allow unless they say otherwise. */
export function policyDocument(statements: readonly Statement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map(({ Sid, Effect = "Allow", ...rest }) => ({ Sid, Effect, ...rest })),
  });
}

/**
 * Lets one AWS service take a role. No condition on the source account: a role can only be passed to a service by its own
 * account (docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html), and API Gateway does not document that it
 * sends one, so that a condition could shut the front door.
 */
export function trustService(service: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Sid: "TrustService", Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" },
    ],
  });
}

/** Refuses every call that does not come over TLS. The only statements with a wildcard action are refusals like this. */
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

/** The account that the stack is deployed to. */
export function currentAccountId(parent: pulumi.Resource): pulumi.Output<string> {
  return aws.getCallerIdentityOutput({}, { parent }).accountId;
}

/** The Region that the stack is deployed to. */
export function currentRegion(parent: pulumi.Resource): pulumi.Output<string> {
  return aws.getRegionOutput({}, { parent }).region;
}
