import * as pulumi from "@pulumi/pulumi";
import { allSecretNames, byLane, bySource, lanesOf } from "../settings/lanes.js";
import { warningsOf } from "../settings/rules.js";
import {
  parseSettings,
  type Settings,
  SettingsError,
  type SettingsInput,
  type WebhookPipelineArgs,
} from "../settings/settings.js";
import { DlqAlarms } from "./dlq-alarms.js";
import { EncryptionKey } from "./encryption-key.js";
import { createFrontDoor } from "./front-door.js";
import { type FunctionNetwork, ProcessorNetwork } from "./processor-network.js";
import { keepSecret } from "./secret-settings.js";
import { tooLarge } from "./stage-limits.js";
import { bundleStage } from "./support/bundle.js";
import { WebhookHistory } from "./webhook-history.js";
import { WebhookProcessor } from "./webhook-processor.js";
import { WebhookQueue } from "./webhook-queue.js";
import { WebhookSecrets } from "./webhook-secrets.js";

/** Values by the name of a source, a secret or a lane. */
type ByName = { readonly [name: string]: pulumi.Output<string> };

/**
 * The whole pipeline: the API that queues webhooks, the functions that process the queues, the history, the secrets and
 * the alarms.
 *
 * @example
 * ```ts
 * const hooks = new WebhookPipeline("hooks", {
 *   sources: [{ name: "github", signature: { scheme: "github" } }],
 * });
 * export const endpoints = hooks.endpoints;   // { github: "https://….amazonaws.com/v1/webhooks/github" }
 * ```
 */
export class WebhookPipeline extends pulumi.ComponentResource {
  /** The URL that each source posts to. */
  readonly endpoints: ByName;
  /** What the custom domain's DNS record must point to, if there is a custom domain. */
  readonly dnsTarget: pulumi.Output<string> | undefined;
  /** The name in Secrets Manager under which an operator stores each secret. */
  readonly secretNames: ByName;
  /** The queues, by the names of their lanes: the pipeline's own, and `<name>-<source>` for a dedicated one. */
  readonly queueUrls: ByName;
  /** The dead-letter queues, by the same names. */
  readonly deadLetterQueueUrls: ByName;
  /** Name of the history table. */
  readonly historyTable: pulumi.Output<string>;
  /** The topic to which every alarm publishes. */
  readonly alarmTopicArn: pulumi.Output<string>;

  /**
   * @param name prefix of every resource's name
   * @param args the settings of a stage's file. They are plain values, because they decide which resources exist.
   *   `settings/` documents them and their defaults
   * @throws pulumi.RunError that lists every problem with its path, or names the handler file that cannot be bundled.
   *   Nothing is registered in that case
   */
  constructor(name: string, args: WebhookPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    const { secretGroups = [], ...written } = args;
    const settings = checked(name, written);
    const { sources, queue, processor, history, alarms, tags } = settings;
    const described = lanesOf(settings, name);
    const bundle = bundleStage(
      described.map(({ definition }) => definition),
      processor.handlersFolder,
    );
    super(
      "webhooks:index:WebhookPipeline",
      name,
      {},
      secretGroups.length === 0
        ? opts
        : { ...opts, transformations: [...(opts?.transformations ?? []), keepSecret(secretGroups)] },
    );

    for (const warning of warningsOf(settings)) void pulumi.log.warn(warning, this);

    // In stages that were deployed before this component existed, its children had the stack as parent. Without the
    // alias all of them would be replaced.
    const child = { parent: this, aliases: [{ parent: pulumi.rootStackResource }] };
    // The resources that hold webhooks, or are needed to read them.
    const kept = { ...child, protect: settings.protect };
    const fifo = queue.type === "fifo";

    const { arn: keyArn } = new EncryptionKey(name, { tags }, kept);
    const dataKeyArn = settings.encryption === "customer-key" ? keyArn : undefined;

    const remembered = new WebhookHistory(
      name,
      {
        pointInTimeRecovery: history.pointInTimeRecovery,
        deletionProtection: history.deletionProtection,
        overflow: history.overflow,
        ttlDays: history.ttlDays,
        keyArn: dataKeyArn,
        tags,
      },
      kept,
    );
    const secrets = new WebhookSecrets(name, { names: allSecretNames(settings), keyArn, tags }, kept);
    const vpc = createNetwork(name, processor.vpc, tags, child);

    const lanes = described.map((lane) => {
      const queues = new WebhookQueue(
        lane.name,
        {
          visibilityTimeoutSeconds: queue.visibilityTimeoutSeconds,
          maxReceiveCount: queue.maxReceiveCount,
          retentionDays: queue.retentionDays,
          fifo,
          keyArn: dataKeyArn,
          tags,
        },
        kept,
      );
      const worker = new WebhookProcessor(
        lane.name,
        {
          code: bundle.archiveOf(lane.definition),
          queue: queues.queue,
          history: remembered.table,
          overflowBucket: remembered.overflowBucket,
          secrets: secrets.only(lane.secretNames),
          memoryMegabytes: processor.memoryMegabytes,
          timeoutSeconds: processor.timeoutSeconds,
          batchSize: processor.batchSize,
          batchWindowSeconds: processor.batchWindowSeconds,
          maxConcurrency: processor.maxConcurrency,
          logLevel: processor.logLevel,
          logRetentionDays: processor.logRetentionDays,
          tracing: processor.tracing,
          vpc,
          keyArn,
          dataKeyArn,
          tags,
        },
        child,
      );
      return {
        name: lane.name,
        sources: lane.sources,
        queue: queues.queue,
        deadLetterQueue: queues.deadLetterQueue,
        processor: worker.function,
      };
    });

    const frontDoor = createFrontDoor(
      name,
      { api: settings.api, sources },
      {
        queues: bySource(lanes, ({ queue }) => queue),
        fifo,
        queueKeyArn: dataKeyArn,
        logKeyArn: keyArn,
        tags,
      },
      child,
    );

    const { topic } = new DlqAlarms(
      name,
      {
        lanes,
        api: frontDoor.watched,
        topicKeyArn: keyArn,
        email: alarms.email,
        https: alarms.https,
        areSecret: secretGroups.includes("alarms"),
        runbookUrl: alarms.runbookUrl,
        thresholds: {
          deadLetters: alarms.deadLetters,
          oldestMessageSeconds: alarms.oldestMessageSeconds,
          functionErrors: alarms.functionErrors,
          functionThrottles: alarms.functionThrottles,
          failedAttempts: alarms.failedAttempts,
          rejectedWebhooks: alarms.rejectedWebhooks,
          serverErrors: alarms.serverErrors,
          clientErrors: alarms.clientErrors,
        },
        tags,
      },
      child,
    );

    this.endpoints = frontDoor.endpoints;
    this.dnsTarget = "domainTarget" in frontDoor ? frontDoor.domainTarget : undefined;
    this.secretNames = secrets.secretNames;
    this.queueUrls = byLane(lanes, ({ queue }) => queue.url);
    this.deadLetterQueueUrls = byLane(lanes, ({ deadLetterQueue }) => deadLetterQueue.url);
    this.historyTable = remembered.table.name;
    this.alarmTopicArn = topic.arn;
    this.registerOutputs({
      endpoints: this.endpoints,
      dnsTarget: this.dnsTarget,
      secretNames: this.secretNames,
      queueUrls: this.queueUrls,
      deadLetterQueueUrls: this.deadLetterQueueUrls,
      historyTable: this.historyTable,
      alarmTopicArn: this.alarmTopicArn,
    });
  }
}

function checked(name: string, args: SettingsInput): Settings {
  try {
    const settings = parseSettings(args);
    const problems = tooLarge(name, settings);
    if (problems.length > 0) throw new SettingsError(problems);
    return settings;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new pulumi.RunError(`WebhookPipeline "${name}": ${error.message}`);
  }
}

/** The network that the settings ask for: a new one, an existing one, or none. */
function createNetwork(
  name: string,
  vpc: Settings["processor"]["vpc"],
  tags: Settings["tags"],
  child: pulumi.ComponentResourceOptions,
): FunctionNetwork | undefined {
  if (vpc?.kind !== "new") {
    return vpc && { subnetIds: vpc.subnetIds, securityGroupIds: vpc.securityGroupIds };
  }
  const { cidrBlock, availabilityZones, natGateway } = vpc;
  return new ProcessorNetwork(name, { cidrBlock, availabilityZones, natGateway, tags }, child);
}
