import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { EventSourceMapping } from "@pulumi/aws/lambda/eventSourceMapping.js";
import { Function as LambdaFunction } from "@pulumi/aws/lambda/function.js";
import * as pulumi from "@pulumi/pulumi";
import { secretNamesFile, subscriberQueuesFile } from "../runtime/stage/archive.js";
import { environmentVariables, type LogLevel } from "../runtime/stage/environment.js";
import type { AwsTargetDefinition } from "../runtime/stage/targets.js";
import {
  attachToVpc,
  consumeQueue,
  handOverToSubscribers,
  readSourceSecrets,
  sendAgain,
  sendAgainKey,
  sendTraces,
  tellEventBus,
  useDataKey,
  useHistoryTable,
  useOverflowBucket,
  useOverflowBucketKey,
  useSecretsKey,
  useSubscriberQueuesKey,
  writeFunctionLog,
} from "./processor/permissions.js";
import { targetCharacters, useTargets } from "./processor/target-permissions.js";
import type { FunctionNetwork } from "./processor-network.js";
import { busArn, currentDnsSuffix, mostArnCharacters, policyDocument, trustService } from "./support/iam.js";
import { stableJson } from "./support/stable-json.js";

/** Arguments of {@link WebhookProcessor}. `settings/` has the bounds and defaults. */
export interface WebhookProcessorArgs {
  /** The function's code; `components/support/bundle.ts` makes it. */
  readonly code: pulumi.asset.AssetArchive;

  /** The queue that the function processes. */
  readonly queue: { readonly arn: pulumi.Input<string>; readonly url: pulumi.Input<string> };

  /** The history table. */
  readonly history: { readonly arn: pulumi.Input<string>; readonly name: pulumi.Input<string> };

  /** The secrets for checking signatures, by the names that the code uses. */
  readonly secrets: {
    readonly [name: string]: { readonly arn: pulumi.Input<string>; readonly name: pulumi.Input<string> };
  };

  /**
   * The queues of all subscribers to the function's sources, by the subscribers' names in messages.
   *
   * @default none: its sources have no subscribers, or it is the subscribers' function itself
   */
  readonly subscriberQueues?: {
    readonly [subscriber: string]: {
      readonly arn: pulumi.Input<string>;
      readonly name: pulumi.Input<string>;
    };
  };

  /**
   * Bucket for payloads that are too large for the table.
   *
   * @default none: such webhooks are handled, but only their hash and length are kept
   */
  readonly overflowBucket?:
    | { readonly arn: pulumi.Input<string>; readonly bucket: pulumi.Input<string> }
    | undefined;

  /**
   * AWS services that webhooks are handed to.
   *
   * @default none
   */
  readonly targets?: readonly AwsTargetDefinition[];

  /**
   * Bus for events about the pipeline: its name in the stack's account and Region, or its ARN.
   *
   * @default none
   */
  readonly eventBus?: string | undefined;

  /** Memory. Processor speed grows with it. */
  readonly memoryMegabytes: number;

  /**
   * Time after which Lambda stops an invocation. The queue's visibility timeout must be six times this, plus the
   * window.
   */
  readonly timeoutSeconds: number;

  /** Webhooks in one invocation. More than 10 need a batch window. */
  readonly batchSize: number;

  /** Time to wait for a full batch. Webhooks are delayed by up to this time. */
  readonly batchWindowSeconds: number;

  /**
   * Invocations at the same time. Use this to slow the function down, not reserved concurrency: throttled invocations
   * count as deliveries and push webhooks into the dead-letter queue.
   */
  readonly maxConcurrency: number;

  /** The lowest level that is logged. */
  readonly logLevel: LogLevel;

  /** Days for which the log is kept. */
  readonly logRetentionDays: number;

  /** Whether invocations are traced with X-Ray. */
  readonly tracing: boolean;

  /**
   * Subnets and security groups of the function. They must give access to DynamoDB, SQS and Secrets Manager.
   *
   * @default no VPC
   */
  readonly vpc?: FunctionNetwork | undefined;

  /**
   * Whether the function has just left a VPC. Lambda then still needs its permission to give back the network interfaces.
   *
   * @default false
   */
  readonly leavesVpc?: boolean;

  /**
   * KMS key that encrypts the function's environment, its log and the secrets.
   *
   * @default each service's own key
   */
  readonly keyArn?: pulumi.Input<string> | undefined;

  /**
   * KMS key that encrypts queue, table and bucket. The function is allowed to use it.
   *
   * @default AWS managed keys, which need no permission
   */
  readonly dataKeyArn?: pulumi.Input<string> | undefined;

  /** Whether the function sends messages to its queue again, see a source's `breaker`. */
  readonly sendsAgain: boolean;

  /** Tags of every child that can have tags. */
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * The function that processes a queue of webhooks, with exactly the permissions that its code needs. A failed webhook
 * returns to the queue alone, not with its batch.
 *
 * @example
 * ```ts
 * const bundle = bundleStage([definition], "handlers");
 * new WebhookProcessor("webhooks", {
 *   code: bundle.archiveOf(definition), queue: webhooks.queue, history: history.table, secrets,
 * });
 * ```
 */
export class WebhookProcessor extends pulumi.ComponentResource {
  readonly function: LambdaFunction;
  /** Takes webhooks from the queue. While an operator has it disabled, they wait; no deployment enables it. */
  readonly eventSourceMapping: EventSourceMapping;
  /** Lets the function use the data key. No queue, table or bucket may be encrypted with it before. */
  readonly dataKeyPolicy: RolePolicy | undefined;
  /** What the function writes. */
  readonly log: LogGroup;

  constructor(name: string, args: WebhookProcessorArgs, opts?: pulumi.ComponentResourceOptions) {
    const {
      code,
      queue,
      history,
      secrets,
      subscriberQueues = {},
      overflowBucket,
      targets = [],
      eventBus,
      memoryMegabytes,
      timeoutSeconds,
      batchSize,
      batchWindowSeconds,
      maxConcurrency,
      logLevel,
      logRetentionDays,
      tracing,
      vpc,
      leavesVpc = false,
      keyArn,
      dataKeyArn,
      sendsAgain,
      tags,
    } = args;
    super("webhooks:index:WebhookProcessor", name, {}, opts);

    const child = { parent: this };

    this.log = new LogGroup(
      `${name}-processor-log`,
      {
        retentionInDays: logRetentionDays,
        ...(keyArn === undefined ? {} : { kmsKeyId: keyArn }),
        tags,
      },
      child,
    );

    const role = new Role(
      `${name}-processor-role`,
      {
        description: "What the webhook processor may do",
        assumeRolePolicy: trustService("lambda.amazonaws.com"),
        tags,
      },
      child,
    );
    const mostCharacters = charactersForEach({ targets, secrets, subscriberQueues });
    const rolePolicy = new RolePolicy(
      `${name}-processor-role-policy`,
      {
        role: role.id,
        policy: policyDocument([
          consumeQueue(queue.arn),
          ...(sendsAgain ? [sendAgain(queue.arn)] : []),
          useHistoryTable(history.arn),
          ...readSourceSecrets(Object.values(secrets), mostCharacters),
          ...handOverToSubscribers(Object.values(subscriberQueues), mostCharacters),
          ...(overflowBucket === undefined ? [] : [useOverflowBucket(overflowBucket.arn)]),
          ...(targets.length === 0 ? [] : useTargets(targets, currentDnsSuffix(this))),
          ...(eventBus === undefined ? [] : [tellEventBus(busArn(eventBus, this))]),
          writeFunctionLog(this.log.arn),
          ...(keyArn === undefined ? [] : [useSecretsKey(keyArn)]),
          ...(tracing ? [sendTraces] : []),
        ]),
      },
      child,
    );
    // Apart from the rest, which names the queue: the queue waits for this.
    this.dataKeyPolicy =
      dataKeyArn === undefined
        ? undefined
        : new RolePolicy(
            `${name}-processor-role-key-policy`,
            {
              role: role.id,
              policy: policyDocument([
                ...useDataKey(dataKeyArn, currentDnsSuffix(this)),
                ...(Object.keys(subscriberQueues).length === 0
                  ? []
                  : [useSubscriberQueuesKey(dataKeyArn, currentDnsSuffix(this))]),
                ...(sendsAgain ? [sendAgainKey(dataKeyArn, currentDnsSuffix(this))] : []),
                ...(overflowBucket === undefined
                  ? []
                  : [useOverflowBucketKey(dataKeyArn, currentDnsSuffix(this))]),
              ]),
            },
            child,
          );
    // Apart from the rest, so that it goes last: Pulumi deletes when all else is done.
    const vpcPolicy =
      vpc === undefined && !leavesVpc
        ? undefined
        : new RolePolicy(
            `${name}-processor-role-vpc-policy`,
            { role: role.id, policy: policyDocument([attachToVpc]) },
            child,
          );

    this.function = new LambdaFunction(
      `${name}-processor`,
      {
        description: "Processes the webhooks in the queue",
        code: withNames(code, secrets, subscriberQueues),
        handler: "index.handler",
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        role: role.arn,
        memorySize: memoryMegabytes,
        timeout: timeoutSeconds,
        environment: {
          variables: {
            [environmentVariables.queueUrl]: queue.url,
            [environmentVariables.historyTable]: history.name,
            ...(overflowBucket === undefined
              ? {}
              : { [environmentVariables.overflowBucket]: overflowBucket.bucket }),
            [environmentVariables.logLevel]: logLevel,
          },
        },
        ...(keyArn === undefined ? {} : { kmsKeyArn: keyArn }),
        loggingConfig: {
          logFormat: "JSON",
          logGroup: this.log.name,
          systemLogLevel: "INFO",
          applicationLogLevel: handedOnFrom(logLevel),
        },
        tracingConfig: { mode: tracing ? "Active" : "PassThrough" },
        ...(vpc === undefined
          ? {}
          : { vpcConfig: { subnetIds: vpc.subnetIds, securityGroupIds: vpc.securityGroupIds } }),
        tags,
      },
      // Lambda checks the role's permissions when it creates a function in a VPC.
      {
        ...child,
        dependsOn: [rolePolicy, this.dataKeyPolicy, vpcPolicy].filter((policy) => policy !== undefined),
      },
    );

    this.eventSourceMapping = new EventSourceMapping(
      `${name}-processor-source`,
      {
        eventSourceArn: queue.arn,
        functionName: this.function.arn,
        batchSize,
        maximumBatchingWindowInSeconds: batchWindowSeconds,
        scalingConfig: { maximumConcurrency: maxConcurrency },
        // Without this, Lambda ignores the function's list of failed webhooks and deletes the whole batch (AWS fact
        // 4.5).
        functionResponseTypes: ["ReportBatchItemFailures"],
        tags,
      },
      // An operator pauses a lane by disabling the mapping (`npm run ops -- pause`). A deployment must not resume it.
      { ...child, ignoreChanges: ["enabled"] },
    );

    this.registerOutputs({ function: this.function, eventSourceMapping: this.eventSourceMapping });
  }
}

/** Characters of the role's policies that the secrets and the subscribers' queues may take each: what targets leave of them. */
function charactersForEach({
  targets,
  secrets,
  subscriberQueues,
}: {
  readonly targets: readonly AwsTargetDefinition[];
  readonly secrets: object;
  readonly subscriberQueues: object;
}): number {
  const lists = [secrets, subscriberQueues].filter((list) => Object.keys(list).length > 0).length;
  return Math.floor((mostArnCharacters - targetCharacters(targets)) / Math.max(1, lists));
}

/**
 * From which level on Lambda hands lines on. It drops the others, and it takes lines with metrics, which have no level, for
 * INFO: docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html. So this is never more than INFO; the
 * function leaves out by itself what is above that and not asked for.
 */
function handedOnFrom(logLevel: LogLevel): "DEBUG" | "INFO" {
  return logLevel === "DEBUG" ? "DEBUG" : "INFO";
}

/**
 * Puts what AWS calls the secrets and the subscribers' queues into the archive. All of a function's environment may take 4 KB, which the names of some
 * forty sources fill: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
function withNames(
  code: pulumi.asset.AssetArchive,
  secrets: WebhookProcessorArgs["secrets"],
  subscriberQueues: NonNullable<WebhookProcessorArgs["subscriberQueues"]>,
): pulumi.Output<pulumi.asset.AssetArchive> {
  const names = Object.fromEntries(Object.entries(secrets).map(([key, { name }]) => [key, name]));
  // Not their URLs: a preview knows what a new queue is called, but not yet its URL, and could not show the code.
  const queues = Object.fromEntries(Object.entries(subscriberQueues).map(([key, { name }]) => [key, name]));
  return pulumi.all([pulumi.output(names), pulumi.output(queues)]).apply(
    async ([knownNames, knownQueues]) =>
      new pulumi.asset.AssetArchive({
        ...(await code.assets),
        [secretNamesFile]: new pulumi.asset.StringAsset(stableJson(knownNames)),
        ...(Object.keys(knownQueues).length === 0
          ? {}
          : { [subscriberQueuesFile]: new pulumi.asset.StringAsset(stableJson(knownQueues)) }),
      }),
  );
}
