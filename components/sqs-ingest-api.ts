import type { ApiKey } from "@pulumi/aws/apigateway/apiKey.js";
import { Deployment } from "@pulumi/aws/apigateway/deployment.js";
import { RestApi } from "@pulumi/aws/apigateway/restApi.js";
import { Stage } from "@pulumi/aws/apigateway/stage.js";
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { WebAclAssociation } from "@pulumi/aws/wafv2/webAclAssociation.js";
import * as pulumi from "@pulumi/pulumi";
import { sha256 } from "../runtime/envelope/sha256.js";
import type { BodyMode, IngestSource } from "../settings/ingest-source.js";
import type { Throttling } from "../settings/units.js";
import type { WatchedApi } from "./alarms/watched-api.js";
import { accessLogFormat } from "./ingest/access-log.js";
import { createAccountLogging } from "./ingest/account-logging.js";
import { createApiKeys } from "./ingest/api-keys.js";
import { type CustomDomainArgs, createCustomDomains } from "./ingest/custom-domain.js";
import { hasToken } from "./ingest/handshake-methods.js";
import { mayEncrypt, mayEnqueue } from "./ingest/may-enqueue.js";
import { createMethodSettings } from "./ingest/method-settings.js";
import { binaryMediaTypes, openApiDocument } from "./ingest/openapi.js";
import { queueOf } from "./ingest/queue-of.js";
import { policyDocument, trustService } from "./support/iam.js";
import { type NamedByValue, nameByValue } from "./support/name-by-value.js";
import { stableJson } from "./support/stable-json.js";

/** Arguments of {@link SqsIngestApi}. `settings/` has the bounds and defaults. */
export interface SqsIngestApiArgs {
  /** The queue for each source's webhooks, by the source's name. */
  readonly queues: { readonly [source: string]: { readonly arn: pulumi.Input<string> } };

  /** Whether the queues are FIFO and therefore need a group. */
  readonly fifo: boolean;

  /** The senders. Each source gets its own path. It is a plain list, because it decides which paths exist. */
  readonly sources: readonly IngestSource[];

  /** How bodies reach the queue. */
  readonly bodyMode: BodyMode;

  /** MIME types that are accepted, without parameters, such as `application/json`; others are answered 415. */
  readonly contentTypes: readonly string[];

  /**
   * Queues that webhooks went to before, and still do until the API has changed.
   *
   * @default none
   */
  readonly formerQueues?: readonly { readonly arn: pulumi.Input<string> }[] | undefined;

  /** First segment of every path. */
  readonly stageName: string;

  /**
   * Stage names that go on answering, beside the present one.
   *
   * @default none
   */
  readonly formerStageNames?: readonly string[] | undefined;

  /** Segments of every path before the source's name. */
  readonly pathPrefix: string;

  /**
   * Prefixes that go on answering, beside the present one.
   *
   * @default none
   */
  readonly formerPathPrefixes?: readonly string[] | undefined;

  /** Requests a second and burst size above which senders get 429. */
  readonly throttling: Throttling;

  /** Days for which the access log is kept. */
  readonly accessLogRetentionDays: number;

  /**
   * Whether the stack, as it is made, names a role by which API Gateway writes logs anywhere in this account and Region.
   * Without one, AWS refuses a stage that has an access log; several stacks may each name one.
   */
  readonly ownsAccountLogging: boolean;

  /**
   * A custom domain in front of the API: its certificate (in this Region) and base path.
   *
   * @default only the URL that API Gateway makes
   */
  readonly customDomain?: CustomDomainArgs | undefined;

  /**
   * Domains that go on answering, beside the present one.
   *
   * @default none
   */
  readonly formerCustomDomains?: readonly CustomDomainArgs[] | undefined;

  /**
   * ARN of a WAF web ACL (regional) that requests must pass first.
   *
   * @default none
   */
  readonly webAclArn?: string | undefined;

  /**
   * KMS key that encrypts the queue. API Gateway is allowed to use it.
   *
   * @default a key that SQS manages, which needs no permission
   */
  readonly queueKeyArn?: pulumi.Input<string> | undefined;

  /**
   * KMS key that encrypts the access log.
   *
   * @default CloudWatch Logs' own encryption
   */
  readonly logKeyArn?: pulumi.Input<string> | undefined;

  /**
   * Whether Pulumi refuses to delete or replace what the URLs stand on: the API, its stage and its domain.
   *
   * @default false
   */
  readonly protectsUrls?: boolean | undefined;

  /**
   * What must be ready before the API changes, such as the functions, which have to know a new source before its first
   * webhook comes in.
   *
   * @default nothing
   */
  readonly after?: readonly pulumi.Resource[] | undefined;

  /** Tags of every child that can have tags. */
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * A REST API that puts each request, byte for byte, straight into an SQS queue. No code runs between the sender and the
 * queue, so none can be down. The sender gets 200 only after SQS has confirmed the message.
 *
 * @example
 * ```ts
 * const api = new SqsIngestApi("webhooks", {
 *   sources: [{ name: "github" }], queues: { github: webhooks.queue }, fifo: false,
 *   stageName: "v1", pathPrefix: "webhooks", bodyMode: "bytes", contentTypes: ["application/json"],
 *   throttling: { requestsPerSecond: 50, burst: 100 }, accessLogRetentionDays: 30, ownsAccountLogging: false, tags: {},
 * });
 * export const endpoints = api.endpoints;   // { github: "https://….amazonaws.com/v1/webhooks/github" }
 * ```
 */
export class SqsIngestApi extends pulumi.ComponentResource {
  readonly restApi: RestApi;
  readonly stage: Stage;
  /** The URL that each source posts to, by the source's name. */
  readonly endpoints: { readonly [source: string]: pulumi.Output<string> };
  /** What the custom domain's DNS record must point to, if there is a custom domain. */
  readonly domainTarget: pulumi.Output<string> | undefined;
  /** The API key of each source that must send one, by the source's name. AWS makes the values. */
  readonly apiKeys: { readonly [source: string]: ApiKey };
  /** By what alarms know the API, and its former stages by their names. */
  readonly watched: WatchedApi;
  readonly watchedFormerStages: Readonly<Record<string, WatchedApi>>;
  /** Lets API Gateway use the queues' key. No queue may be encrypted with it before. */
  readonly queueKeyPolicy: RolePolicy | undefined;

  constructor(name: string, args: SqsIngestApiArgs, opts?: pulumi.ComponentResourceOptions) {
    const {
      queues,
      fifo,
      sources,
      bodyMode,
      contentTypes,
      formerQueues = [],
      stageName,
      formerStageNames = [],
      pathPrefix,
      formerPathPrefixes = [],
      throttling,
      accessLogRetentionDays,
      ownsAccountLogging,
      customDomain,
      formerCustomDomains = [],
      webAclArn,
      queueKeyArn,
      logKeyArn,
      protectsUrls = false,
      after = [],
      tags,
    } = args;
    const stageNames = [stageName, ...formerStageNames];
    const pathPrefixes = [pathPrefix, ...formerPathPrefixes];
    const queueArns = Object.fromEntries(
      sources.map((source, index) => [source.name, queueOf(source.name, index, queues).arn]),
    );
    super("webhooks:index:SqsIngestApi", name, {}, opts);

    const child = { parent: this };
    const urlKeeping = { ...child, protect: protectsUrls };
    const role = new Role(
      `${name}-api-role`,
      {
        description: "Lets API Gateway put webhooks into the queue",
        assumeRolePolicy: trustService("apigateway.amazonaws.com"),
        tags,
      },
      child,
    );
    const rolePolicy = new RolePolicy(
      `${name}-api-role-policy`,
      {
        role: role.id,
        policy: policyDocument(
          mayEnqueue([...Object.values(queueArns), ...formerQueues.map(({ arn }) => arn)]),
        ),
      },
      child,
    );
    // Apart from the rest, which names the queues: they wait for this.
    this.queueKeyPolicy =
      queueKeyArn === undefined
        ? undefined
        : new RolePolicy(
            `${name}-api-role-key-policy`,
            { role: role.id, policy: policyDocument(mayEncrypt(queueKeyArn)) },
            child,
          );
    const policies = [rolePolicy, this.queueKeyPolicy].filter((policy) => policy !== undefined);

    const document = pulumi.all([pulumi.all(queueArns), role.arn]).apply(([arns, credentialsArn]) =>
      stableJson(
        openApiDocument({
          title: name,
          stageNames,
          pathPrefixes,
          sources,
          bodyMode,
          fifo,
          contentTypes,
          integrationUris: Object.fromEntries(
            Object.entries(arns).map(([source, arn]) => [source, integrationUri(arn)]),
          ),
          credentialsArn,
        }),
      ),
    );
    // The document can contain a handshake's token.
    const body = sources.some(({ handshake }) => hasToken(handshake)) ? pulumi.secret(document) : document;

    this.restApi = new RestApi(
      `${name}-api`,
      {
        description: "Takes webhooks and puts them into SQS",
        body,
        binaryMediaTypes: binaryMediaTypes(bodyMode),
        endpointConfiguration: { types: "REGIONAL" },
        tags,
      },
      urlKeeping,
    );

    // A deployment is a snapshot of the API. Its trigger covers exactly the API's content, so that every change makes a
    // new deployment and nothing else does.
    const deployment = new Deployment(
      `${name}-api-deployment`,
      { restApi: this.restApi.id, triggers: { content: document.apply(sha256) } },
      { ...child, dependsOn: [...after] },
    );

    const accessLog = new LogGroup(
      `${name}-api-access-log`,
      {
        retentionInDays: accessLogRetentionDays,
        ...(logKeyArn === undefined ? {} : { kmsKeyId: logKeyArn }),
        tags,
      },
      child,
    );
    const accountLogging = ownsAccountLogging ? [createAccountLogging(name, tags, child)] : [];

    const createStage = ({ value, name, aliases }: NamedByValue, isFormer: boolean) =>
      new Stage(
        name,
        {
          restApi: this.restApi.id,
          deployment: deployment.id,
          stageName: value,
          accessLogSettings: { destinationArn: accessLog.arn, format: accessLogFormat },
          tags,
        },
        // Without its policies the role is of no use: no request may come in before they are there.
        {
          ...child,
          aliases,
          protect: protectsUrls && !isFormer,
          dependsOn: [...accountLogging, ...policies],
        },
      );
    const [stage, ...formerStages] = nameByValue(`${name}-api-stage`, stageNames).map((named, index) =>
      createStage(named, index > 0),
    ) as [Stage, ...Stage[]];
    this.stage = stage;
    const stages = [stage, ...formerStages];

    createMethodSettings(
      name,
      {
        restApi: this.restApi,
        stages: stages.map((made, index) => ({ made, stageName: stageNames[index] ?? stageName })),
        pathPrefixes,
        sources,
        throttling,
      },
      child,
    );
    if (webAclArn !== undefined) {
      for (const [index, named] of nameByValue(`${name}-api-waf`, stageNames).entries()) {
        const { arn } = stages[index] ?? stage;
        new WebAclAssociation(
          named.name,
          { resourceArn: arn, webAclArn },
          { ...child, aliases: named.aliases },
        );
      }
    }
    this.apiKeys = createApiKeys(name, { restApi: this.restApi, stages, sources, tags }, child);

    const domain = createCustomDomains(
      name,
      { present: customDomain, former: formerCustomDomains },
      { restApi: this.restApi, stage, protect: protectsUrls, tags },
      child,
    );
    this.domainTarget = domain?.target;
    const origin = domain?.url ?? stage.invokeUrl;
    this.endpoints = Object.fromEntries(
      sources.map((source) => [source.name, pulumi.interpolate`${origin}/${pathPrefix}/${source.name}`]),
    );
    this.watched = { name: this.restApi.name, stageName: stage.stageName };
    this.watchedFormerStages = Object.fromEntries(
      formerStages.map((former, index) => [
        formerStageNames[index] ?? "",
        { name: this.restApi.name, stageName: former.stageName },
      ]),
    );
    this.registerOutputs({
      restApi: this.restApi,
      stage: this.stage,
      endpoints: this.endpoints,
      apiKeys: this.apiKeys,
    });
  }
}

/** The URI with which API Gateway calls `arn:aws:sqs:<region>:<account>:<queue>`. */
function integrationUri(queueArn: string): string {
  const [, partition, , region, account, queue] = queueArn.split(":");
  return `arn:${partition}:apigateway:${region}:sqs:path/${account}/${queue}`;
}
