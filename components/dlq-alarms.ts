import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import { Topic } from "@pulumi/aws/sns/topic.js";
import { TopicPolicy } from "@pulumi/aws/sns/topicPolicy.js";
import { TopicSubscription } from "@pulumi/aws/sns/topicSubscription.js";
import * as pulumi from "@pulumi/pulumi";
import { sha256 } from "../runtime/envelope/sha256.js";
import { type AlarmDefinition, apiAlarms, laneAlarms, subscriberLaneAlarms } from "./alarms/definitions.js";
import type { AlarmThresholds } from "./alarms/thresholds.js";
import type { WatchedApi } from "./alarms/watched-api.js";
import { currentAccountId, denyWithoutTls, policyDocument, type Statement } from "./support/iam.js";

/** A queue of webhooks, its dead-letter queue, and the function that processes it. */
export interface WatchedLane {
  /** Prefix of its alarms' names. */
  readonly name: string;
  /** Whether its messages come from sources' functions, which have verified them. Default: they come from senders. */
  readonly isForSubscribers?: boolean;
  /** Started them before; absent: the same did. */
  readonly formerName?: string | undefined;
  /** The queue whose oldest message is watched. */
  readonly queue: { readonly name: pulumi.Input<string> };
  /** The queue in which nothing should wait. */
  readonly deadLetterQueue: { readonly name: pulumi.Input<string> };
  /** The function whose errors, throttles and outcomes are watched. */
  readonly processor: { readonly name: pulumi.Input<string> };
  /** Whether the function leaves targets alone that fail for everybody. */
  readonly hasBreaker: boolean;
}

/** Arguments of {@link DlqAlarms}. `settings/` has the bounds and defaults. */
export interface DlqAlarmsArgs {
  /** Each queue with its function. It is a plain list, because it decides which alarms exist. */
  readonly lanes: readonly WatchedLane[];
  /** The API whose refusals are watched. */
  readonly api: WatchedApi;

  /**
   * Other APIs and stages whose refusals are watched as well, by what tells their alarms apart.
   *
   * @default none
   */
  readonly formerApis?: Readonly<Record<string, WatchedApi>> | undefined;

  /**
   * KMS key that encrypts the topic. Its policy must allow `cloudwatch.amazonaws.com` to use it, as `EncryptionKey`
   * does. With the key that AWS manages for SNS, the alarms' actions would fail silently (AWS fact 5.6).
   */
  readonly topicKeyArn: pulumi.Input<string>;

  /**
   * E-mail addresses that get the alarms. AWS asks each to confirm. Nobody leaves the alarms to be found in the
   * console.
   */
  readonly email: readonly string[];

  /** HTTPS endpoints that get the alarms. */
  readonly https: readonly string[];

  /**
   * URL of the team's instructions, which every alarm's description names.
   *
   * @default none
   */
  readonly runbookUrl?: string | undefined;

  /** The values at which alarms go off. */
  readonly thresholds: AlarmThresholds;

  /**
   * Whether the addresses and endpoints are secret. None stands in an alias then, so that subscriptions of the last release are
   * not found again.
   */
  readonly areSecret: boolean;

  /** Tags of every child that can have tags. */
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * Alarms on everything that makes webhooks late, fail or be refused, and the topic that notifies people.
 *
 * @example
 * ```ts
 * new DlqAlarms("webhooks", {
 *   lanes: [{ name: "webhooks", ...webhooks, processor: processor.function }], api: api.watched,
 *   topicKeyArn: key.arn, email: ["on-call@example.com"], https: [], areSecret: false, thresholds, tags: {},
 * });
 * ```
 */
export class DlqAlarms extends pulumi.ComponentResource {
  readonly topic: Topic;
  readonly alarms: readonly MetricAlarm[];

  constructor(name: string, args: DlqAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { topicKeyArn, email, https, areSecret, runbookUrl, thresholds, tags } = args;
    super("webhooks:index:DlqAlarms", name, {}, opts);

    const child = { parent: this };

    this.topic = new Topic(`${name}-alarms`, { kmsMasterKeyId: topicKeyArn, tags }, child);
    new TopicPolicy(
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
        // Names stand in Pulumi's state as plain text, and an endpoint's URL may hold the key to it.
        const start = `${name}-alarms-${protocol}`;
        // The last release had the endpoint in the name. Without the alias, its subscription would be made anew.
        const aliases = areSecret ? [] : [{ name: `${start}-${endpoint}` }];
        new TopicSubscription(
          `${start}-${sha256(endpoint).slice(0, 8)}`,
          { topic: this.topic.arn, protocol, endpoint },
          { ...child, aliases },
        );
      }
    }

    const describedBy = (description: string) =>
      runbookUrl === undefined ? description : `${description} Runbook: ${runbookUrl}`;
    const createAlarm = (
      owner: string,
      { suffix, description, periodSeconds, ...alarm }: AlarmDefinition,
      formerOwner?: string,
    ) =>
      new MetricAlarm(
        `${owner}-${suffix}`,
        {
          ...alarm,
          alarmDescription: describedBy(description),
          comparisonOperator: "GreaterThanOrEqualToThreshold",
          period: periodSeconds,
          evaluationPeriods: 1,
          datapointsToAlarm: 1,
          // No traffic means no data, which is not a problem.
          treatMissingData: "notBreaching",
          alarmActions: [this.topic.arn],
          okActions: [this.topic.arn],
          tags,
        },
        {
          ...child,
          ...(formerOwner === undefined ? {} : { aliases: [{ name: `${formerOwner}-${suffix}` }] }),
        },
      );
    this.alarms = [
      ...args.lanes.flatMap((lane) => {
        const names = {
          queue: lane.queue.name,
          deadLetterQueue: lane.deadLetterQueue.name,
          function: lane.processor.name,
        };
        const alarms = lane.isForSubscribers
          ? subscriberLaneAlarms(names, thresholds, lane)
          : laneAlarms(names, thresholds, lane);
        return alarms.map((alarm) => createAlarm(lane.name, alarm, lane.formerName));
      }),
      ...apiAlarms(args.api, thresholds).map((alarm) => createAlarm(name, alarm)),
      ...Object.entries(args.formerApis ?? {}).flatMap(([former, api]) =>
        apiAlarms(api, thresholds).map((alarm) => createAlarm(`${name}-former-${former}`, alarm)),
      ),
    ];

    this.registerOutputs({ topic: this.topic, alarms: this.alarms });
  }
}

function publishedByAlarms(topicArn: pulumi.Input<string>, accountId: pulumi.Input<string>): Statement {
  return {
    Sid: "PublishAlarms",
    Principal: { Service: "cloudwatch.amazonaws.com" },
    Action: "sns:Publish",
    Resource: topicArn,
    Condition: { StringEquals: { "aws:SourceAccount": accountId } },
  };
}
