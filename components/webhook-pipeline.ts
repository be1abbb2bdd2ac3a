import * as pulumi from "@pulumi/pulumi";
import { historySchema } from "../runtime/history/schema.js";
import { awsTargetsOf } from "../runtime/stage/definition.js";
import type { AwsTargetDefinition, TargetKind } from "../runtime/stage/targets.js";
import { publicAddresses } from "../settings/changes/public-addresses.js";
import { allSecrets, byLane, bySource, type Lane, lanesOf, retriesOf } from "../settings/lanes.js";
import { outOfReach, warningsOf } from "../settings/rules.js";
import {
  parseSettings,
  type Settings,
  SettingsError,
  type SettingsInput,
  type WebhookPipelineArgs,
} from "../settings/settings.js";
import { type SourceSecret, secretsOf } from "../settings/sources.js";
import { subscriberSecretsOf } from "../settings/subscribers/subscribers.js";
import { thresholdsOf } from "./alarms/thresholds.js";
import { Canary } from "./canary.js";
import { DlqAlarms } from "./dlq-alarms.js";
import { EncryptionKey } from "./encryption-key.js";
import { createFrontDoors } from "./front-door.js";
import { Guard } from "./guard.js";
import { type Operations, operationsOf } from "./operations.js";
import { type FunctionNetwork, ProcessorNetwork } from "./processor-network.js";
import { keepSecret } from "./secret-settings.js";
import { tooLarge } from "./stage-limits.js";
import { bundleStage } from "./support/bundle.js";
import { currentRegion } from "./support/iam.js";
import { outputLater } from "./support/output-later.js";
import { type DashboardPlace, WebhookDashboard } from "./webhook-dashboard.js";
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
  /**
   * The queues, by the names of their lanes: the pipeline's own, `<name>-<source>` for a dedicated one,
   * `<name>-<source>_to_<subscriber>` for a subscriber's, and `<name>_subscribers` for the one that subscribers share.
   */
  readonly queueUrls: ByName;
  /** The dead-letter queues, by the same names. */
  readonly deadLetterQueueUrls: ByName;
  /** How often and for how long a webhook that fails is tried, by the names of the lanes, in words. */
  readonly retries: { readonly [lane: string]: string };
  /** Name of the history table. */
  readonly historyTable: pulumi.Output<string>;
  /** The topic to which every alarm publishes; with `alarms.page`, every alarm that does not page. */
  readonly alarmTopicArn: pulumi.Output<string>;
  /** The page in CloudWatch that shows the whole stage, unless `dashboard` is off. */
  readonly dashboard: pulumi.Output<DashboardPlace> | undefined;
  /** What `npm run ops` has to know of the stage besides. */
  readonly operations: Operations | pulumi.Output<pulumi.Unwrap<Operations>>;
  /** The topic of the alarms that page, if `alarms.page` names somebody. */
  readonly pageTopicArn: pulumi.Output<string> | undefined;
  /** The EventBridge connection in which an operator stores the canary's token, if the stage has a canary. */
  readonly canaryConnection: pulumi.Output<string> | undefined;

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
    const described = lanesOf(settings, name, pulumi.getStack());
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
    // The resources that hold webhooks, or are needed to read them. What senders know is protected too.
    const kept = { ...child, protect: settings.protect };
    for (const { address, isFormer } of publicAddresses(settings)) {
      const protect = settings.protect && !isFormer;
      new Guard("PublicAddress", `${name}-${address}`, { parent: this, protect });
    }

    const { arn: keyArn } = new EncryptionKey(name, { tags }, kept);
    const isEncrypted = settings.encryption === "customer-key";
    const dataKeyArn = isEncrypted || settings.formerEncryption !== undefined ? keyArn : undefined;
    if (dataKeyArn !== undefined) {
      const protect = settings.protect && isEncrypted;
      new Guard("DataKey", `${name}-data-key`, { parent: this, protect });
    }
    // Nothing is encrypted with the key before all who put something in or take it out may use the key.
    const [storageKeyArn, mayBeEncrypted] = outputLater<string>();

    const remembered = new WebhookHistory(
      name,
      {
        pointInTimeRecovery: history.pointInTimeRecovery,
        deletionProtection: history.deletionProtection,
        overflow: history.overflow,
        ttlDays: Math.max(history.ttlDays, history.formerTtlDays ?? 0),
        keyArn: isEncrypted ? storageKeyArn : undefined,
        tags,
      },
      kept,
    );
    const secretKeys = allSecrets(settings);
    const { secrets, secretNames } = new WebhookSecrets(
      name,
      {
        names: secretKeys.map(({ key }) => key),
        formerNames: secretKeys.flatMap(({ key, isFormer }) => (isFormer ? [key] : [])),
        keyArn,
        tags,
      },
      kept,
    );
    const targets = described.flatMap(targetsOf).map(({ kind }) => kind);
    const called = settings.events === undefined ? targets : [...targets, "eventBus" as const];
    if (processor.vpc?.kind === "new" && !processor.vpc.natGateway) {
      currentRegion(this).apply((region) => {
        for (const warning of outOfReach(settings, region)) void pulumi.log.warn(warning, this);
      });
    }
    const vpc = createNetwork(name, processor.vpc, { targets: called, tags }, child);

    // All queues first: functions that hand webhooks over need those of the subscribers.
    const withQueues = described.map((lane) => {
      // What is only worked off may go, once the settings no longer name it.
      const protect = settings.protect && lane.sources.length + lane.subscribers.length > 0;
      const laneOptions = { ...child, aliases: [...child.aliases, ...formerLane(lane)] };
      const queues = new WebhookQueue(
        lane.name,
        {
          visibilityTimeoutSeconds: queue.visibilityTimeoutSeconds,
          maxReceiveCount: queue.maxReceiveCount,
          retentionDays: queue.retentionDays,
          fifo: lane.type === "fifo",
          keyArn: isEncrypted ? storageKeyArn : undefined,
          tags,
        },
        { ...laneOptions, protect },
      );
      return { lane, laneOptions, queues };
    });
    const queuesByLane = new Map(withQueues.map(({ lane, queues }) => [lane.name, queues.queue]));
    const lanes = withQueues.map(({ lane, laneOptions, queues }) => {
      const worker = new WebhookProcessor(
        lane.name,
        {
          code: bundle.archiveOf(lane.definition),
          queue: queues.queue,
          history: remembered.table,
          overflowBucket: remembered.overflowBucket,
          secrets: valuesOf(lane.secrets, secrets),
          targets: targetsOf(lane),
          subscriberQueues: Object.fromEntries(
            Object.entries(lane.handsOverTo).flatMap(([subscriber, laneName]) => {
              const queue = queuesByLane.get(laneName);
              return queue === undefined ? [] : [[subscriber, queue]];
            }),
          ),
          eventBus: settings.events?.bus,
          memoryMegabytes: processor.memoryMegabytes,
          timeoutSeconds: processor.timeoutSeconds,
          batchSize: processor.batchSize,
          batchWindowSeconds: processor.batchWindowSeconds,
          maxConcurrency: processor.maxConcurrency,
          logLevel: processor.logLevel,
          logRetentionDays: processor.logRetentionDays,
          tracing: processor.tracing,
          vpc: processor.vpc?.retiring ? undefined : vpc,
          leavesVpc: processor.vpc?.retiring ?? false,
          keyArn,
          dataKeyArn,
          sendsAgain: lane.sendsAgain,
          tags,
        },
        laneOptions,
      );
      return {
        name: lane.name,
        formerName: lane.formerName,
        sources: lane.sources,
        isForSubscribers: lane.definition.subscribers !== undefined,
        hasBreaker: lane.hasBreaker,
        queue: queues.queue,
        deadLetterQueue: queues.deadLetterQueue,
        processor: worker.function,
        log: worker.log,
        eventSourceMapping: worker.eventSourceMapping,
        dataKeyPolicy: worker.dataKeyPolicy,
      };
    });

    const frontDoor = createFrontDoors(
      name,
      settings,
      {
        queues: bySource(lanes, ({ queue }) => queue),
        formerQueues: lanes.flatMap(({ sources, isForSubscribers, queue }) =>
          sources.length === 0 && !isForSubscribers ? [queue] : [],
        ),
        fifo: queue.type === "fifo",
        functions: lanes.map(({ processor }) => processor),
        queueKeyArn: dataKeyArn,
        logKeyArn: keyArn,
        tags,
      },
      child,
    );
    const permissions = [
      ...lanes.map(({ dataKeyPolicy }) => dataKeyPolicy),
      ...frontDoor.queueKeyPolicies,
    ].flatMap((policy) => (policy === undefined ? [] : [policy.id]));
    mayBeEncrypted(pulumi.all([keyArn, pulumi.all(permissions)]).apply(([arn]) => arn));

    const watchedHistory = {
      table: remembered.table.name,
      indexes: [historySchema.bySource.index, historySchema.byAttention.index],
    };
    const functions = bySource(lanes, ({ processor }) => processor);
    const watching = new DlqAlarms(
      name,
      {
        lanes,
        limits: processor,
        api: frontDoor.watched,
        formerApis: frontDoor.watchedFormerly,
        history: watchedHistory,
        expected: sources.flatMap(({ key, name: source, expectEveryMinutes }) => {
          const of = functions[source];
          return of === undefined || expectEveryMinutes === undefined
            ? []
            : [{ key, name: source, expectEveryMinutes, processor: of }];
        }),
        canary: watchedCanary(alarms.canary, functions),
        topicKeyArn: keyArn,
        receivers: alarms,
        page: alarms.page,
        areSecret: secretGroups.includes("alarms"),
        runbookUrl: alarms.runbookUrl,
        thresholds: thresholdsOf(alarms),
        tags,
      },
      child,
    );

    this.canaryConnection = createCanary(name, settings, frontDoor.endpoints, child)?.connectionName;
    const dashboard = settings.dashboard
      ? new WebhookDashboard(
          name,
          {
            lanes,
            apis: [frontDoor.watched, ...Object.values(frontDoor.watchedFormerly)],
            history: watchedHistory,
            memoryMegabytes: processor.memoryMegabytes,
            alarms: watching.alarms,
            composites: watching.atRisk,
            countsSources: processor.metricsBySource,
            runbookUrl: alarms.runbookUrl,
          },
          child,
        )
      : undefined;

    this.endpoints = frontDoor.endpoints;
    this.dnsTarget = frontDoor.domainTarget;
    this.secretNames = valuesOf(
      sources.flatMap((source) => [
        ...secretsOf(source),
        ...source.subscribers.flatMap((subscriber) => subscriberSecretsOf(subscriber)),
      ]),
      secretNames,
    );
    this.queueUrls = byLane(lanes, ({ queue }) => queue.url);
    this.deadLetterQueueUrls = byLane(lanes, ({ deadLetterQueue }) => deadLetterQueue.url);
    this.retries = byLane(described, retriesOf);
    this.historyTable = remembered.table.name;
    this.alarmTopicArn = watching.topic.arn;
    this.dashboard = dashboard?.place;
    this.operations = operationsOf(settings, {
      described,
      lanes,
      overflowBucket: remembered.overflowBucket?.bucket,
      keyArn,
      dataKeyArn,
      areSecret: secretGroups.includes("sources"),
    });
    this.pageTopicArn = watching.pageTopic?.arn;
    this.registerOutputs({
      endpoints: this.endpoints,
      ...(this.dnsTarget === undefined ? {} : { dnsTarget: this.dnsTarget }),
      secretNames: this.secretNames,
      queueUrls: this.queueUrls,
      deadLetterQueueUrls: this.deadLetterQueueUrls,
      retries: this.retries,
      historyTable: this.historyTable,
      alarmTopicArn: this.alarmTopicArn,
      ...(this.dashboard === undefined ? {} : { dashboard: this.dashboard }),
      operations: this.operations,
      ...(this.pageTopicArn === undefined ? {} : { pageTopicArn: this.pageTopicArn }),
      ...(this.canaryConnection === undefined ? {} : { canaryConnection: this.canaryConnection }),
    });
  }
}

function checked(name: string, args: SettingsInput): Settings {
  try {
    const settings = parseSettings(args);
    const problems = tooLarge(name, settings, pulumi.getStack());
    if (problems.length > 0) throw new SettingsError(problems);
    return settings;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new pulumi.RunError(`WebhookPipeline "${name}": ${error.message}`);
  }
}

/** What there is by the keys of sources, by their present names. */
function valuesOf<Value>(
  wanted: readonly SourceSecret[],
  byKey: { readonly [key: string]: Value },
): Record<string, Value> {
  return Object.fromEntries(
    wanted.flatMap(({ name, key }) => {
      const value = byKey[key];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** The canary with the function that takes its webhooks. */
function watchedCanary<Processor>(
  canary: Settings["alarms"]["canary"],
  functions: Readonly<Record<string, Processor>>,
) {
  const processor = canary && functions[canary.source];
  return canary === undefined || processor === undefined ? undefined : { ...canary, processor };
}

/** What sends the canary's webhooks to its source. */
function createCanary(
  name: string,
  { alarms: { canary }, sources, tags }: Settings,
  endpoints: ByName,
  child: pulumi.ComponentResourceOptions,
): Canary | undefined {
  if (canary === undefined) return undefined;
  const signature = sources.find((source) => source.name === canary.source)?.definition.signature;
  const endpoint = endpoints[canary.source];
  if (endpoint === undefined || signature?.kind !== "token" || signature.header === undefined)
    return undefined;
  const { everyMinutes } = canary;
  return new Canary(name, { endpoint, header: signature.header, everyMinutes, tags }, child);
}

/** Under which a lane's components are found that were made when both types of queue had the same name. */
function formerLane({ formerName }: Pick<Lane, "formerName">): pulumi.Alias[] {
  return formerName === undefined
    ? []
    : [{ name: formerName }, { name: formerName, parent: pulumi.rootStackResource }];
}

/** The AWS services that a lane hands webhooks to. */
function targetsOf({ definition }: Pick<Lane, "definition">): AwsTargetDefinition[] {
  return awsTargetsOf(definition).map(({ target }) => target);
}

/** The network that the settings ask for: a new one, an existing one, or none. */
function createNetwork(
  name: string,
  vpc: Settings["processor"]["vpc"],
  rest: { readonly targets: readonly TargetKind[]; readonly tags: Settings["tags"] },
  child: pulumi.ComponentResourceOptions,
): FunctionNetwork | undefined {
  if (vpc?.kind !== "new") {
    return vpc && { subnetIds: vpc.subnetIds, securityGroupIds: vpc.securityGroupIds };
  }
  const { cidrBlock, availabilityZones, natGateway } = vpc;
  return new ProcessorNetwork(name, { cidrBlock, availabilityZones, natGateway, ...rest }, child);
}
