import { CompositeAlarm } from "@pulumi/aws/cloudwatch/compositeAlarm.js";
import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import type { Topic } from "@pulumi/aws/sns/topic.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../settings/settings.js";
import { createChannels } from "./alarms/chat.js";
import {
  type AlarmDefinition,
  apiAlarms,
  canaryAlarm,
  historyAlarms,
  laneAlarms,
  silenceAlarm,
  subscriberLaneAlarms,
  topicAlarms,
} from "./alarms/definitions.js";
import { type AlarmKind, alarmKinds, descriptionOf, kindsAtRisk } from "./alarms/kinds.js";
import { metricAlarmArgs, suffixOf } from "./alarms/metric-alarm.js";
import { partsOf } from "./alarms/parts.js";
import type { AlarmThresholds } from "./alarms/thresholds.js";
import { createAlarmTopic, type Receivers } from "./alarms/topic.js";
import type { WatchedApi } from "./alarms/watched-api.js";

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
  /** The function whose errors, throttles, times and outcomes are watched. */
  readonly processor: WatchedFunction;
  /** Whether the function leaves targets alone that fail for everybody. */
  readonly hasBreaker: boolean;
}

/** A function by the name that CloudWatch uses. */
interface WatchedFunction {
  readonly name: pulumi.Input<string>;
}

/** A source whose silence is watched. */
export interface ExpectedSource {
  readonly name: string;
  /** Stays when the source is renamed. */
  readonly key: string;
  readonly expectEveryMinutes: number;
  /** The function that takes its webhooks. */
  readonly processor: WatchedFunction;
}

/** Arguments of {@link DlqAlarms}. `settings/` has the bounds and defaults. */
export interface DlqAlarmsArgs {
  /** Each queue with its function. It is a plain list, because it decides which alarms exist. */
  readonly lanes: readonly WatchedLane[];
  /** Limits that all functions have. */
  readonly limits: { readonly timeoutSeconds: number; readonly maxConcurrency: number };
  /** The API whose refusals are watched. */
  readonly api: WatchedApi;

  /**
   * Other APIs and stages whose refusals are watched as well, by what tells their alarms apart.
   *
   * @default none
   */
  readonly formerApis?: Readonly<Record<string, WatchedApi>> | undefined;

  /** The history's table and the names of its indexes. */
  readonly history: { readonly table: pulumi.Input<string>; readonly indexes: readonly string[] };

  /**
   * Sources that must not be silent.
   *
   * @default none
   */
  readonly expected?: readonly ExpectedSource[];

  /**
   * The source that takes the pipeline's own test webhooks, and its function.
   *
   * @default none
   */
  readonly canary?:
    | { readonly source: string; readonly everyMinutes: number; readonly processor: WatchedFunction }
    | undefined;

  /**
   * KMS key that encrypts the topics. Its policy must allow `cloudwatch.amazonaws.com` to use it, as `EncryptionKey`
   * does. With the key that AWS manages for SNS, the alarms' actions would fail silently (AWS fact 5.6).
   */
  readonly topicKeyArn: pulumi.Input<string>;

  /** Who gets the alarms; with `page`, those that do not page. Nobody leaves the alarms to be found in the console. */
  readonly receivers: Receivers;

  /**
   * Who gets the pages, apart from the rest.
   *
   * @default those who get the rest
   */
  readonly page?: NonNullable<Settings["alarms"]["page"]> | undefined;

  /**
   * URL of the team's instructions, which every alarm's description names.
   *
   * @default the runbook of this repository
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

/** An alarm with what it is made of. */
export interface MadeAlarm {
  /** Lane, or API, that it belongs to: the start of its name. */
  readonly owner: string;
  readonly definition: AlarmDefinition;
  readonly alarm: MetricAlarm;
}

/**
 * Alarms on everything that makes webhooks late, fail, be refused or not come at all, and the topics that tell people. Those that page
 * have a topic of their own if somebody is named for it.
 *
 * @example
 * ```ts
 * new DlqAlarms("webhooks", {
 *   lanes: [{ name: "webhooks", ...webhooks, processor: processor.function, hasBreaker: true }], api: api.watched,
 *   limits: processor, history: { table: history.table.name, indexes: [] }, topicKeyArn: key.arn,
 *   receivers: { email: ["on-call@example.com"], https: [], topicArns: [], slack: [], teams: [] },
 *   areSecret: false, thresholds, tags: {},
 * });
 * ```
 */
export class DlqAlarms extends pulumi.ComponentResource {
  /** Gets every alarm; with `page`, those that do not page. */
  readonly topic: Topic;
  /** Gets the pages, if somebody is named for them. */
  readonly pageTopic: Topic | undefined;
  readonly alarms: readonly MadeAlarm[];
  /** `webhooks-at-risk`: one, or more where there are more alarms than one takes. None without `page`. */
  readonly atRisk: readonly CompositeAlarm[];

  constructor(name: string, args: DlqAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { topicKeyArn, receivers, page, areSecret, runbookUrl, thresholds, tags } = args;
    super("webhooks:index:DlqAlarms", name, {}, opts);

    const child = { parent: this };

    const topicOf = (topicName: string, { email, https }: Receivers, hasFormerNames: boolean) =>
      createAlarmTopic(topicName, { keyArn: topicKeyArn, email, https, hasFormerNames, tags }, child);
    this.topic = topicOf(`${name}-alarms`, receivers, !areSecret);
    this.pageTopic = page && topicOf(`${name}-pages`, page, false);
    createChannels(
      `${name}-alarms`,
      [
        { topic: this.topic, ...receivers },
        ...(page === undefined || this.pageTopic === undefined ? [] : [{ topic: this.pageTopic, ...page }]),
      ],
      { tags },
      child,
    );

    const told = [this.topic.arn, ...receivers.topicArns];
    const paged =
      page === undefined || this.pageTopic === undefined ? told : [this.pageTopic.arn, ...page.topicArns];
    const isPaged = (kind: AlarmKind) =>
      alarmKinds[kind].severity === "page" && (page === undefined || !kindsAtRisk.includes(kind));
    const tellingOf = (kind: AlarmKind) => ({
      description: descriptionOf(kind, { stack: pulumi.getStack(), runbookUrl }),
      topics: isPaged(kind) ? paged : told,
      tags,
    });
    const create = (owner: string, definition: AlarmDefinition, formerOwner?: string): MadeAlarm => {
      const suffix = suffixOf(definition);
      const aliases = formerOwner === undefined ? [] : [{ name: `${formerOwner}-${suffix}` }];
      const alarm = new MetricAlarm(
        `${owner}-${suffix}`,
        metricAlarmArgs(definition, tellingOf(definition.kind)),
        { ...child, aliases },
      );
      return { owner, definition, alarm };
    };
    const createAll = (owner: string, definitions: readonly AlarmDefinition[], formerOwner?: string) =>
      definitions.map((definition) => create(owner, definition, formerOwner));

    const { table, indexes } = args.history;
    this.alarms = [
      ...args.lanes.flatMap((lane) => createAll(lane.name, alarmsOf(lane, args), lane.formerName)),
      ...createAll(name, apiAlarms(args.api, thresholds)),
      ...Object.entries(args.formerApis ?? {}).flatMap(([former, api]) =>
        createAll(`${name}-former-${former}`, apiAlarms(api, thresholds)),
      ),
      ...createAll(name, historyAlarms(table, indexes, thresholds)),
      ...(args.expected ?? []).flatMap((source) =>
        createAll(name, [silenceAlarm(source, source.processor.name)]),
      ),
      ...(args.canary === undefined
        ? []
        : createAll(name, [canaryAlarm(args.canary, args.canary.processor.name)])),
      ...createAll(name, topicAlarms(this.topic.name)),
      ...(this.pageTopic === undefined ? [] : createAll(`${name}-pages`, topicAlarms(this.pageTopic.name))),
    ];
    this.atRisk =
      page === undefined || this.pageTopic === undefined
        ? []
        : this.#combine(name, { ...tellingOf("webhooks-at-risk"), page, pageTopic: this.pageTopic }, child);

    this.registerOutputs({ topic: this.topic, alarms: this.alarms.map(({ alarm }) => alarm) });
  }

  /** One page for all that puts webhooks at risk, however many alarms are on. The alarms themselves then say only which. */
  #combine(
    name: string,
    {
      description,
      topics,
      tags,
      page: { suppressor },
      pageTopic,
    }: {
      readonly description: string;
      readonly topics: readonly pulumi.Input<string>[];
      readonly tags: DlqAlarmsArgs["tags"];
      readonly page: NonNullable<DlqAlarmsArgs["page"]>;
      readonly pageTopic: Topic;
    },
    child: pulumi.ComponentResourceOptions,
  ): CompositeAlarm[] {
    const children = this.alarms.filter(({ definition }) => kindsAtRisk.includes(definition.kind));
    return partsOf(children).map((part, index) => {
      const suffix = index === 0 ? "webhooks-at-risk" : `webhooks-at-risk-${index + 1}`;
      return new CompositeAlarm(
        `${name}-${suffix}`,
        {
          // Pulumi does not name composite alarms. What it put at the end of the topic's name is unique.
          alarmName: pageTopic.name.apply((topicName) => topicName.replace(/^.*-pages/, `${name}-${suffix}`)),
          alarmDescription: description,
          alarmRule: pulumi
            .all(part.map(({ alarm }) => alarm.name))
            .apply((names) => names.map((alarm) => `ALARM("${alarm}")`).join(" OR ")),
          alarmActions: [...topics],
          okActions: [...topics],
          ...(suppressor === undefined
            ? {}
            : {
                actionsSuppressor: {
                  alarm: suppressor.alarm,
                  waitPeriod: suppressor.waitSeconds,
                  extensionPeriod: suppressor.extensionSeconds,
                },
              }),
          tags,
        },
        child,
      );
    });
  }
}

function alarmsOf(lane: WatchedLane, { thresholds, limits }: DlqAlarmsArgs): AlarmDefinition[] {
  const names = {
    queue: lane.queue.name,
    deadLetterQueue: lane.deadLetterQueue.name,
    function: lane.processor.name,
  };
  const define = lane.isForSubscribers ? subscriberLaneAlarms : laneAlarms;
  return define(names, thresholds, { ...limits, hasBreaker: lane.hasBreaker });
}
