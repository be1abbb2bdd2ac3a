import { createRequire } from "node:module";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint.js";
import type * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import type { TargetKind } from "../runtime/stage/targets.js";
import { currentRegion, currentReverseDnsPrefix } from "./support/iam.js";

/** The VPC subnets and security groups of a function. */
export interface FunctionNetwork {
  readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  readonly securityGroupIds: pulumi.Input<pulumi.Input<string>[]>;
}

/** Arguments of {@link ProcessorNetwork}. `settings/` has the bounds and defaults. */
export interface ProcessorNetworkArgs {
  /** Address range of the VPC. */
  readonly cidrBlock: string;

  /** Number of availability zones, each with a subnet. The interface endpoints cost money in every zone. */
  readonly availabilityZones: number;

  /** Whether the function can reach the internet. This takes a NAT gateway, which costs money while idle. */
  readonly natGateway: boolean;

  /**
   * AWS services that the function hands webhooks to, or tells of the pipeline. Each gets a private endpoint, which costs money in every zone, unless there is
   * a NAT gateway.
   *
   * @default none
   */
  readonly targets?: readonly TargetKind[];

  /** Tags of every child that can have tags. */
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** The names of the services' endpoints: docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html */
const endpointOf: Readonly<Record<TargetKind, string>> = {
  eventBus: "events",
  firehose: "kinesis-firehose",
  function: "lambda",
  queue: "sqs",
  stateMachine: "states",
  stream: "kinesis-streams",
  topic: "sns",
};

/** Services whose endpoints are named after the partition in China. */
const namedAfterPartition = ["kinesis-streams", "lambda", "sqs", "states"];

/**
 * A VPC for the function, with private endpoints for the services that it calls: gateway endpoints for DynamoDB and S3,
 * interface endpoints for SQS, Secrets Manager and the services that webhooks are handed to.
 *
 * @example
 * ```ts
 * const network = new ProcessorNetwork("webhooks", {
 *   cidrBlock: "10.0.0.0/16", availabilityZones: 2, natGateway: false, tags: {},
 * });
 * new WebhookProcessor("webhooks", { vpc: network, ... });
 * ```
 */
export class ProcessorNetwork extends pulumi.ComponentResource {
  readonly subnetIds: pulumi.Output<string[]>;
  readonly securityGroupIds: pulumi.Output<string>[];

  constructor(name: string, args: ProcessorNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cidrBlock, availabilityZones, natGateway, targets = [], tags } = args;
    super("webhooks:index:ProcessorNetwork", name, {}, opts);

    const child = { parent: this };
    const region = currentRegion(this);

    const { ec2: crosswalk } = loadAwsx();
    const vpc = new crosswalk.Vpc(
      `${name}-vpc`,
      {
        cidrBlock,
        numberOfAvailabilityZones: availabilityZones,
        enableDnsHostnames: true,
        enableDnsSupport: true,
        subnetStrategy: "Auto",
        subnetSpecs: natGateway ? [{ type: "Public" }, { type: "Private" }] : [{ type: "Private" }],
        natGateways: { strategy: natGateway ? "Single" : "None" },
        tags,
      },
      child,
    );

    const functionGroup = new SecurityGroup(
      `${name}-function`,
      {
        description: "Webhook processor: calls out over TLS, takes no connections",
        vpcId: vpc.vpcId,
        egress: [
          {
            protocol: "tcp",
            fromPort: 443,
            toPort: 443,
            cidrBlocks: ["0.0.0.0/0"],
            description: "TLS to AWS",
          },
        ],
        tags,
      },
      child,
    );
    const endpointGroup = new SecurityGroup(
      `${name}-endpoints`,
      {
        description: "AWS service endpoints: take TLS from the webhook processor",
        vpcId: vpc.vpcId,
        ingress: [
          {
            protocol: "tcp",
            fromPort: 443,
            toPort: 443,
            securityGroups: [functionGroup.id],
            description: "TLS from the webhook processor",
          },
        ],
        tags,
      },
      child,
    );

    // In China, some endpoints are named after the partition, the others are not:
    // github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-ec2/lib/vpc-endpoint.ts (unconfirmed by AWS's own pages)
    const prefixOf = (service: string) =>
      namedAfterPartition.includes(service) ? currentReverseDnsPrefix(this) : "com.amazonaws";
    // Gateway endpoints cost nothing.
    for (const service of ["dynamodb", "s3"]) {
      new VpcEndpoint(
        `${name}-${service}`,
        {
          vpcId: vpc.vpcId,
          serviceName: pulumi.interpolate`${prefixOf(service)}.${region}.${service}`,
          vpcEndpointType: "Gateway",
          routeTableIds: vpc.routeTables.apply((tables) => tables.map(({ id }) => id)),
          tags,
        },
        child,
      );
    }
    const ofTargets = natGateway ? [] : targets.map((kind) => endpointOf[kind]).sort();
    for (const service of new Set(["sqs", "secretsmanager", ...ofTargets])) {
      new VpcEndpoint(
        `${name}-${service}`,
        {
          vpcId: vpc.vpcId,
          serviceName: pulumi.interpolate`${prefixOf(service)}.${region}.${service}`,
          vpcEndpointType: "Interface",
          subnetIds: vpc.privateSubnetIds,
          securityGroupIds: [endpointGroup.id],
          privateDnsEnabled: true,
          tags,
        },
        child,
      );
    }

    this.subnetIds = vpc.privateSubnetIds;
    this.securityGroupIds = [functionGroup.id];
    this.registerOutputs({ subnetIds: this.subnetIds, securityGroupIds: this.securityGroupIds });
  }
}

/** Loaded when a stage asks for a VPC: few do, and all would wait for it whenever the program starts. */
function loadAwsx(): typeof awsx {
  return createRequire(import.meta.url)("@pulumi/awsx") as typeof awsx;
}
