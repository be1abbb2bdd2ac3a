import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { accessLogFormat } from "./ingest/access-log.js";
import { defaultContentTypes } from "./ingest/content-types.js";
import { binaryMediaTypes, openApiDocument } from "./ingest/openapi.js";
import { checkThat, checkWholeNumber } from "./support/check.js";
import { policyDocument, type Statement, trustService } from "./support/iam.js";
import { stableJson } from "./support/stable-json.js";

/** What a caller decides about an {@link SqsIngestApi}. */
export interface SqsIngestApiArgs {
  /** Where webhooks go. */
  readonly queue: { readonly arn: pulumi.Input<string> };

  /** Who may send; each source gets a path of its own. A plain list, because it decides which paths there are. */
  readonly sources: readonly { readonly name: string }[];

  /**
   * First part of every path.
   *
   * @default "v1"
   */
  readonly stageName?: string;

  /**
   * Second part of every path, before the source's name.
   *
   * @default "webhooks"
   */
  readonly pathPrefix?: string;

  /**
   * Requests a second, and at once, above which senders are answered 429.
   *
   * @default 1,000 a second, 2,000 at once
   */
  readonly throttling?: { readonly requestsPerSecond: number; readonly burst: number };

  /**
   * Days that the access log is kept.
   *
   * @default 30
   */
  readonly accessLogRetentionDays?: number;

  /**
   * Whether this stack sets the role by which API Gateway writes logs anywhere in this account and Region. There is one
   * such role; two stacks that both set it overwrite each other, and without it a stage with an access log cannot be made.
   *
   * @default false
   */
  readonly ownsAccountLogging?: boolean;

  /**
   * KMS key that the queue is encrypted with, so that API Gateway may use it.
   *
   * @default the queue is encrypted with a key that SQS manages, which needs no permission
   */
  readonly queueKeyArn?: pulumi.Input<string> | undefined;

  /**
   * KMS key that encrypts the access log.
   *
   * @default CloudWatch Logs' own encryption
   */
  readonly logKeyArn?: pulumi.Input<string> | undefined;

  /** Tags put on every taggable child. */
  readonly tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * A REST API that puts each request, byte for byte, straight into an SQS queue: no code runs between the sender and the
 * queue, so there is none that could be down. The sender gets 200 only when SQS has confirmed the message.
 *
 * @example
 * ```ts
 * const api = new SqsIngestApi("webhooks", { queue: webhooks.queue, sources: [{ name: "github" }] });
 * export const endpoints = api.endpoints;   // { github: "https://….amazonaws.com/v1/webhooks/github" }
 * ```
 */
export class SqsIngestApi extends pulumi.ComponentResource {
  readonly restApi: aws.apigateway.RestApi;
  readonly stage: aws.apigateway.Stage;
  /** The URL each source posts to, by its name. */
  readonly endpoints: { readonly [source: string]: pulumi.Output<string> };

  constructor(name: string, args: SqsIngestApiArgs, opts?: pulumi.ComponentResourceOptions) {
    const {
      queue,
      sources,
      stageName = "v1",
      pathPrefix = "webhooks",
      throttling = { requestsPerSecond: 1_000, burst: 2_000 },
      accessLogRetentionDays = 30,
      ownsAccountLogging = false,
      queueKeyArn,
      logKeyArn,
      tags = {},
    } = args;
    checkSources(sources);
    checkWholeNumber("throttling.requestsPerSecond", throttling.requestsPerSecond, 1, 10_000);
    checkWholeNumber("throttling.burst", throttling.burst, 1, 5_000);
    super("webhooks:index:SqsIngestApi", name, {}, opts);

    const child = { parent: this };

    const role = new aws.iam.Role(
      `${name}-api-role`,
      {
        description: "Lets API Gateway put webhooks into the queue",
        assumeRolePolicy: trustService("apigateway.amazonaws.com"),
        tags,
      },
      child,
    );
    const rolePolicy = new aws.iam.RolePolicy(
      `${name}-api-role-policy`,
      { role: role.id, policy: policyDocument(mayEnqueue(queue.arn, queueKeyArn)) },
      child,
    );

    const document = pulumi
      .all([pulumi.output(queue.arn).apply(integrationUri), role.arn])
      .apply(([uri, credentialsArn]) =>
        stableJson(
          openApiDocument({
            title: name,
            pathPrefix,
            sources,
            contentTypes: defaultContentTypes,
            integrationUri: uri,
            credentialsArn,
          }),
        ),
      );

    this.restApi = new aws.apigateway.RestApi(
      `${name}-api`,
      {
        description: "Takes webhooks and puts them into SQS",
        body: document,
        binaryMediaTypes,
        endpointConfiguration: { types: "REGIONAL" },
        tags,
      },
      child,
    );

    // A deployment is a snapshot of the API. Its trigger covers all of the API's content, so that every change is
    // published and nothing else makes a new one.
    const deployment = new aws.apigateway.Deployment(
      `${name}-api-deployment`,
      { restApi: this.restApi.id, triggers: { content: document.apply(sha256) } },
      child,
    );

    const accessLog = new aws.cloudwatch.LogGroup(
      `${name}-api-access-log`,
      {
        retentionInDays: accessLogRetentionDays,
        ...(logKeyArn === undefined ? {} : { kmsKeyId: logKeyArn }),
        tags,
      },
      child,
    );
    const accountLogging = ownsAccountLogging ? createAccountLogging(name, tags, child) : [];

    this.stage = new aws.apigateway.Stage(
      `${name}-api-stage`,
      {
        restApi: this.restApi.id,
        deployment: deployment.id,
        stageName,
        accessLogSettings: { destinationArn: accessLog.arn, format: accessLogFormat },
        tags,
      },
      // Without its policy the role is of no use: no request may come in before it is there.
      { ...child, dependsOn: [...accountLogging, rolePolicy] },
    );

    new aws.apigateway.MethodSettings(
      `${name}-api-methods`,
      {
        restApi: this.restApi.id,
        stageName: this.stage.stageName,
        methodPath: "*/*",
        settings: {
          throttlingRateLimit: throttling.requestsPerSecond,
          throttlingBurstLimit: throttling.burst,
          // The execution log would hold bodies and headers, secrets among them.
          loggingLevel: "OFF",
          dataTraceEnabled: false,
          metricsEnabled: false,
        },
      },
      child,
    );

    this.endpoints = Object.fromEntries(
      sources.map((source) => [
        source.name,
        pulumi.interpolate`${this.stage.invokeUrl}/${pathPrefix}/${source.name}`,
      ]),
    );
    this.registerOutputs({ restApi: this.restApi, stage: this.stage, endpoints: this.endpoints });
  }
}

function checkSources(sources: readonly { readonly name: string }[]): void {
  checkThat(sources.length > 0, "sources", "must name at least one source");
  for (const [index, { name }] of sources.entries()) {
    checkThat(/^[a-z0-9-]{1,64}$/.test(name), `sources[${index}].name`, "must be 1 to 64 of a-z, 0-9 and -");
    const first = sources.findIndex((other) => other.name === name);
    checkThat(
      first === index,
      `sources[${index}].name`,
      `"${name}" is already the name of sources[${first}]`,
    );
  }
}

/** `arn:aws:sqs:<region>:<account>:<queue>` as the address API Gateway calls. */
function integrationUri(queueArn: string): string {
  const [, partition, , region, account, queue] = queueArn.split(":");
  return `arn:${partition}:apigateway:${region}:sqs:path/${account}/${queue}`;
}

function mayEnqueue(
  queueArn: pulumi.Input<string>,
  queueKeyArn: pulumi.Input<string> | undefined,
): readonly Statement[] {
  const send: Statement = { Sid: "PutWebhooksIntoTheQueue", Action: "sqs:SendMessage", Resource: queueArn };
  if (queueKeyArn === undefined) return [send];
  return [
    send,
    {
      Sid: "EncryptThemWithItsKey",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: queueKeyArn,
    },
  ];
}

/** The account's one role for API Gateway's logs. */
function createAccountLogging(
  name: string,
  tags: pulumi.Input<Record<string, pulumi.Input<string>>>,
  child: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const role = new aws.iam.Role(
    `${name}-api-logging-role`,
    {
      description: "Lets API Gateway write the logs of all APIs of this account and Region",
      assumeRolePolicy: trustService("apigateway.amazonaws.com"),
      tags,
    },
    child,
  );
  const attachment = new aws.iam.RolePolicyAttachment(
    `${name}-api-logging-role-policy`,
    {
      role: role.name,
      // API Gateway checks for the permissions of this very policy:
      // docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
      policyArn: "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
    },
    child,
  );
  const account = new aws.apigateway.Account(
    `${name}-api-logging`,
    { cloudwatchRoleArn: role.arn },
    { ...child, dependsOn: [attachment] },
  );
  return [account];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
