import * as pulumi from "@pulumi/pulumi";
import { WebhookPipeline as Pipeline } from "../components/webhook-pipeline.js";
import type { WebhookPipelineArgs as Settings } from "../settings/settings.js";
import type { WebhookPipelineArgs } from "./settings.mjs";

/** The package's name, with which each program names its component. */
export const packageName = "webhook-pipeline";

/**
 * A webhook endpoint on AWS that never loses a webhook: an API that queues webhooks, functions that process the queues, the
 * history, the secrets and the alarms.
 */
export class WebhookPipeline extends pulumi.ComponentResource {
  /** The URL that each source posts to. */
  readonly endpoints: pulumi.Output<{ [source: string]: string }>;
  /** What the custom domain's DNS record must point to, if there is a custom domain. */
  readonly dnsTarget?: pulumi.Output<string>;
  /** The name in Secrets Manager under which an operator stores each secret. */
  readonly secretNames: pulumi.Output<{ [secret: string]: string }>;
  /** The queues, by the names of their lanes. */
  readonly queueUrls: pulumi.Output<{ [lane: string]: string }>;
  /** The dead-letter queues, by the same names. */
  readonly deadLetterQueueUrls: pulumi.Output<{ [lane: string]: string }>;
  /** How often and for how long a webhook that fails is tried, by the names of the lanes, in words. */
  readonly retries: pulumi.Output<{ [lane: string]: string }>;
  /** Name of the history table. */
  readonly historyTable: pulumi.Output<string>;
  /** The topic to which every alarm publishes; with `alarms.page`, every alarm that does not page. */
  readonly alarmTopicArn: pulumi.Output<string>;
  /** The page in CloudWatch that shows the whole pipeline, by `name` and, where it is known, `url`. Absent with `dashboard: false`. */
  readonly dashboard?: pulumi.Output<{ [part: string]: string }>;
  /** The topic of the alarms that page, if they have one of their own. */
  readonly pageTopicArn?: pulumi.Output<string>;
  /** The EventBridge connection in which an operator stores the canary's token, if there is a canary. */
  readonly canaryConnection?: pulumi.Output<string>;
  /** What `npm run ops` has to know of the stage: export it under this name, with the outputs above. */
  // biome-ignore lint/suspicious/noExplicitAny: the package's schema has no type for it.
  readonly operations: pulumi.Output<any>;

  /**
   * @param name begins the names of all resources
   * @param args the settings, as a stage's file has them
   */
  constructor(name: string, args: WebhookPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super(`${packageName}:index:WebhookPipeline`, name, {}, opts);
    const pipeline = new Pipeline(name, args as unknown as Settings, { parent: this });
    this.endpoints = pulumi.output(pipeline.endpoints);
    this.secretNames = pulumi.output(pipeline.secretNames);
    this.queueUrls = pulumi.output(pipeline.queueUrls);
    this.deadLetterQueueUrls = pulumi.output(pipeline.deadLetterQueueUrls);
    this.retries = pulumi.output(pipeline.retries);
    this.historyTable = pipeline.historyTable;
    this.alarmTopicArn = pipeline.alarmTopicArn;
    this.operations = pulumi.output<unknown>(pipeline.operations);
    if (pipeline.dnsTarget !== undefined) this.dnsTarget = pipeline.dnsTarget;
    if (pipeline.dashboard !== undefined) {
      this.dashboard = pulumi.output<{ [part: string]: string }>(
        pipeline.dashboard.apply((place) => ({ ...place })),
      );
    }
    if (pipeline.pageTopicArn !== undefined) this.pageTopicArn = pipeline.pageTopicArn;
    if (pipeline.canaryConnection !== undefined) this.canaryConnection = pipeline.canaryConnection;
    this.registerOutputs({
      endpoints: this.endpoints,
      secretNames: this.secretNames,
      queueUrls: this.queueUrls,
      deadLetterQueueUrls: this.deadLetterQueueUrls,
      retries: this.retries,
      historyTable: this.historyTable,
      alarmTopicArn: this.alarmTopicArn,
      operations: this.operations,
      ...(this.dnsTarget === undefined ? {} : { dnsTarget: this.dnsTarget }),
      ...(this.dashboard === undefined ? {} : { dashboard: this.dashboard }),
      ...(this.pageTopicArn === undefined ? {} : { pageTopicArn: this.pageTopicArn }),
      ...(this.canaryConnection === undefined ? {} : { canaryConnection: this.canaryConnection }),
    });
  }
}
