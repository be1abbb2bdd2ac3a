import { Dashboard } from "@pulumi/aws/cloudwatch/dashboard.js";
import * as pulumi from "@pulumi/pulumi";
import type { AlarmDefinition } from "./alarms/definitions.js";
import type { WatchedApi } from "./alarms/watched-api.js";
import { dashboardUrl } from "./dashboard/console-url.js";
import { dashboardBody } from "./dashboard/dashboard.js";
import type { DrawnStage } from "./dashboard/stage.js";
import { currentPartition, currentRegion } from "./support/iam.js";

type Name = { readonly name: pulumi.Input<string> };
type Arn = { readonly arn: pulumi.Input<string> };

/** Arguments of {@link WebhookDashboard}. */
export interface WebhookDashboardArgs {
  /** Each queue with its dead-letter queue, its function and the function's log. */
  readonly lanes: readonly {
    readonly name: string;
    readonly queue: Name;
    readonly deadLetterQueue: Name;
    readonly processor: Name;
    readonly log: Name;
    /** Whether its messages come from sources' functions. */
    readonly isForSubscribers: boolean;
  }[];
  /** The stage's API, and those that it had before and that still answer. */
  readonly apis: readonly WatchedApi[];
  /** The history's table and the names of its indexes. */
  readonly history: { readonly table: pulumi.Input<string>; readonly indexes: readonly string[] };
  /** Memory of each function. */
  readonly memoryMegabytes: number;
  /** The alarms, whose states, metrics and thresholds are shown. */
  readonly alarms: readonly {
    readonly owner: string;
    readonly definition: AlarmDefinition;
    readonly alarm: Arn;
  }[];
  /** Alarms on other alarms, whose states are shown first. */
  readonly composites: readonly Arn[];
  /** Whether functions count by source. */
  readonly countsSources: boolean;

  /**
   * URL of the runbook, to whose sections the headings lead.
   *
   * @default docs/runbook.md
   */
  readonly runbookUrl?: string | undefined;
}

/** Where people find a dashboard. */
export interface DashboardPlace {
  readonly name: string;
  /** In the console; absent in partitions whose console we do not know. */
  readonly url?: string;
}

/**
 * One page in CloudWatch for the whole pipeline: alarms, whether webhooks get through, queues, functions, the last failures and what it
 * costs. `dashboardBody` says what stands on it.
 *
 * @example
 * ```ts
 * new WebhookDashboard("webhooks", { lanes, apis: [api.watched], history, alarms, composites: [], memoryMegabytes: 512, countsSources: true });
 * ```
 */
export class WebhookDashboard extends pulumi.ComponentResource {
  /** Its name, and where the console shows it. */
  readonly place: pulumi.Output<DashboardPlace>;

  constructor(name: string, args: WebhookDashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("webhooks:index:WebhookDashboard", name, {}, opts);

    const region = currentRegion(this);
    // Names of dashboards are one for the whole account, and a name that is taken would be written over.
    const dashboardName = region.apply((where) =>
      [pulumi.getProject(), pulumi.getStack(), name, where].join("-").replaceAll(/[^A-Za-z0-9_-]/g, "-"),
    );
    const stage = pulumi.output({
      stack: pulumi.getStack(),
      region,
      lanes: args.lanes.map((lane) => ({
        name: lane.name,
        queue: lane.queue.name,
        deadLetterQueue: lane.deadLetterQueue.name,
        function: lane.processor.name,
        logGroup: lane.log.name,
        isForSubscribers: lane.isForSubscribers,
      })),
      apis: [...args.apis],
      history: args.history,
      memoryMegabytes: args.memoryMegabytes,
      alarms: args.alarms.map(({ owner, definition, alarm }) => ({ owner, definition, arn: alarm.arn })),
      composites: args.composites.map(({ arn }) => arn),
      countsSources: args.countsSources,
      ...(args.runbookUrl === undefined ? {} : { runbookUrl: args.runbookUrl }),
    }) as pulumi.Output<DrawnStage>;
    new Dashboard(
      `${name}-dashboard`,
      { dashboardName, dashboardBody: stage.apply((known) => JSON.stringify(dashboardBody(known))) },
      { parent: this },
    );

    this.place = pulumi
      .all([dashboardName, currentPartition(this), region])
      .apply(([known, partition, where]) => {
        const url = dashboardUrl(known, { partition, region: where });
        return { name: known, ...(url === undefined ? {} : { url }) };
      });
    this.registerOutputs({ place: this.place });
  }
}
