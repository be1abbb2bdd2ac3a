import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type AlarmDefinition, type AlarmThresholds, apiAlarms, laneAlarms } from "./alarms/definitions.js";
import type { WatchedApi } from "./alarms/watched-api.js";
import { currentAccountId, denyWithoutTls, policyDocument, type Statement } from "./support/iam.js";

/** A queue of webhooks, what waits behind it, and the function that works it off. */
export interface WatchedLane {
  /** Starts the names of its alarms. */
  readonly name: string;
  /** The queue whose oldest message is watched. */
  readonly queue: { readonly name: pulumi.Input<string> };
  /** The queue in which nothing should ever wait. */
  readonly deadLetterQueue: { readonly name: pulumi.Input<string> };
  /** The function whose errors, throttles and outcomes are watched. */
  readonly processor: { readonly name: pulumi.Input<string> };
}

/** What a caller decides about {@link DlqAlarms}. `settings/` has the bounds and defaults. */
export interface DlqAlarmsArgs {
  /** Each queue with its function. A plain list, because it decides which alarms there are. */
  readonly lanes: readonly WatchedLane[];
  /** The API whose refusals are watched. */
  readonly api: WatchedApi;

  /**
   * KMS key that encrypts the topic. Its policy must let `cloudwatch.amazonaws.com` use it, as `EncryptionKey` does; with
   * the key AWS manages for SNS the alarms' actions would fail silently.
   */
  readonly topicKeyArn: pulumi.Input<string>;

  /** Addresses that are told; AWS asks each to confirm. Nobody leaves the alarms to be found in the console. */
  readonly email: readonly string[];

  /** HTTPS endpoints that are told. */
  readonly https: readonly string[];

  /**
   * Where the team keeps its instructions; named in every alarm.
   *
   * @default none
   */
  readonly runbookUrl?: string | undefined;

  /** From which values on somebody is told. */
  readonly thresholds: AlarmThresholds;

  /** Tags put on every taggable child. */
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * Alarms on everything that means a webhook is late, failing or refused, and the topic through which people are told.
 *
 * @example
 * ```ts
 * new DlqAlarms("webhooks", {
 *   lanes: [{ name: "webhooks", ...webhooks, processor: processor.function }], api: api.watched,
 *   topicKeyArn: key.arn, email: ["on-call@example.com"], https: [], thresholds, tags: {},
 * });
 * ```
 */
export class DlqAlarms extends pulumi.ComponentResource {
  readonly topic: aws.sns.Topic;
  readonly alarms: readonly aws.cloudwatch.MetricAlarm[];

  constructor(name: string, args: DlqAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { topicKeyArn, email, https, runbookUrl, thresholds, tags } = args;
    super("webhooks:index:DlqAlarms", name, {}, opts);

    const child = { parent: this };

    this.topic = new aws.sns.Topic(`${name}-alarms`, { kmsMasterKeyId: topicKeyArn, tags }, child);
    new aws.sns.TopicPolicy(
      `${name}-alarms-policy`,
      {
        arn: this.topic.arn,
        policy: policyDocument([
          publishedByAlarms(this.topic.arn, currentAccountId(this)),
          { ...denyWithoutTls("sns", this.topic.arn), Action: "sns:Publish" },
        ]),
      },
      child,
    );
    for (const [protocol, endpoints] of Object.entries({ email, https })) {
      for (const endpoint of endpoints) {
        new aws.sns.TopicSubscription(
          `${name}-alarms-${protocol}-${endpoint}`,
          { topic: this.topic.arn, protocol, endpoint },
          child,
        );
      }
    }

    const describedBy = (description: string) =>
      runbookUrl === undefined ? description : `${description} Runbook: ${runbookUrl}`;
    const createAlarm = (owner: string, { suffix, description, periodSeconds, ...alarm }: AlarmDefinition) =>
      new aws.cloudwatch.MetricAlarm(
        `${owner}-${suffix}`,
        {
          ...alarm,
          alarmDescription: describedBy(description),
          comparisonOperator: "GreaterThanOrEqualToThreshold",
          period: periodSeconds,
          evaluationPeriods: 1,
          datapointsToAlarm: 1,
          // No traffic means no data; that is no trouble.
          treatMissingData: "notBreaching",
          alarmActions: [this.topic.arn],
          okActions: [this.topic.arn],
          tags,
        },
        child,
      );
    this.alarms = [
      ...args.lanes.flatMap((lane) => {
        const names = {
          queue: lane.queue.name,
          deadLetterQueue: lane.deadLetterQueue.name,
          function: lane.processor.name,
        };
        return laneAlarms(names, thresholds).map((alarm) => createAlarm(lane.name, alarm));
      }),
      ...apiAlarms(args.api, thresholds).map((alarm) => createAlarm(name, alarm)),
    ];

    this.registerOutputs({ topic: this.topic, alarms: this.alarms });
  }
}

function publishedByAlarms(topicArn: pulumi.Input<string>, accountId: pulumi.Input<string>): Statement {
  return {
    Sid: "PublishedByAlarms",
    Principal: { Service: "cloudwatch.amazonaws.com" },
    Action: "sns:Publish",
    Resource: topicArn,
    Condition: { StringEquals: { "aws:SourceAccount": accountId } },
  };
}
