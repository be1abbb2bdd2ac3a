import { EventApiDestination } from "@pulumi/aws/cloudwatch/eventApiDestination.js";
import { EventConnection } from "@pulumi/aws/cloudwatch/eventConnection.js";
import { EventRule } from "@pulumi/aws/cloudwatch/eventRule.js";
import { EventTarget } from "@pulumi/aws/cloudwatch/eventTarget.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, trustService } from "./support/iam.js";

/** Arguments of {@link Canary}. `settings/` has the bounds and defaults. */
export interface CanaryArgs {
  /** The URL that the canary's source posts to: the one that senders know, with the stage's domain. */
  readonly endpoint: pulumi.Input<string>;

  /** Header that carries the token. */
  readonly header: string;

  /** Minutes between two webhooks. */
  readonly everyMinutes: number;

  /** Tags of every child that can have tags. */
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * Sends a webhook of the pipeline's own to its public address, on a schedule. It takes the way that every sender's takes, so
 * that its end in the history proves all of it: DNS, domain, gateway, queue, function, secret and table. No code of ours runs for it.
 *
 * EventBridge gives up a webhook that is not taken at once. A later one would hide the fault that this one has found.
 *
 * @example
 * ```ts
 * new Canary("webhooks", { endpoint: endpoints.canary, header: "x-canary-token", everyMinutes: 5, tags: {} });
 * ```
 */
export class Canary extends pulumi.ComponentResource {
  /** Name of the connection that holds the token, of the rule and of the destination. An operator stores it there, as in the source's secret. */
  readonly connectionName: pulumi.Output<string>;

  constructor(name: string, args: CanaryArgs, opts?: pulumi.ComponentResourceOptions) {
    const { endpoint, header, everyMinutes, tags } = args;
    super("webhooks:index:Canary", name, {}, opts);

    const child = { parent: this };

    const connection = new EventConnection(
      `${name}-canary`,
      {
        description: "The token that the canary's webhooks show",
        authorizationType: "API_KEY",
        authParameters: { apiKey: { key: header, value: unset } },
      },
      // The token never enters Pulumi's state, like all secrets: docs/alarms.md says how an operator stores it.
      { ...child, ignoreChanges: ["authParameters"] },
    );
    // All parts have the same name in AWS, so that an operator who has one finds the others.
    const oneName = connection.name;
    const destination = new EventApiDestination(
      `${name}-canary`,
      {
        name: oneName,
        description: "The public address of the canary's source",
        connectionArn: connection.arn,
        invocationEndpoint: endpoint,
        httpMethod: "POST",
        invocationRateLimitPerSecond: 1,
      },
      child,
    );
    const role = new Role(
      `${name}-canary-role`,
      {
        description: "Lets EventBridge send the canary's webhooks",
        assumeRolePolicy: trustService("events.amazonaws.com"),
        tags,
      },
      child,
    );
    const policy = new RolePolicy(
      `${name}-canary-role-policy`,
      {
        role: role.id,
        policy: policyDocument([
          { Sid: "SendCanary", Action: "events:InvokeApiDestination", Resource: destination.arn },
        ]),
      },
      child,
    );
    const rule = new EventRule(
      `${name}-canary`,
      {
        name: oneName,
        description: "Sends a webhook through the whole pipeline",
        scheduleExpression: `rate(${everyMinutes} minute${everyMinutes === 1 ? "" : "s"})`,
        tags,
      },
      child,
    );
    new EventTarget(
      `${name}-canary`,
      {
        rule: rule.name,
        arn: destination.arn,
        roleArn: role.arn,
        retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 0 },
      },
      { ...child, dependsOn: [policy] },
    );

    this.connectionName = connection.name;
    this.registerOutputs({ connectionName: this.connectionName });
  }
}

/** Stands in the connection until an operator stores the token. No secret is like it, so the canary's alarm is on until then. */
const unset = "not-stored-yet";
