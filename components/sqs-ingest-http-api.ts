import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { WatchedApi } from "./alarms/watched-api.js";
import { type ExistingHttpApi, findHttpApi, type HttpApiPlace } from "./ingest/http/existing-api.js";
import { requestParameters } from "./ingest/http/request-parameters.js";
import { responseParameters } from "./ingest/http/responses.js";
import { checkHttpIngestSources, type HttpIngestSource, routeKey } from "./ingest/http/source.js";
import { createHttpApiStage, type HttpApiLimits } from "./ingest/http/stage.js";
import { mayEnqueue } from "./ingest/may-enqueue.js";
import { checkThat, checkWholeNumber, refusal } from "./support/check.js";
import { policyDocument, trustService } from "./support/iam.js";

/** What a caller decides about a {@link SqsIngestHttpApi}. */
export interface SqsIngestHttpApiArgs {
  /** Where each source's webhooks go, by its name. */
  readonly queues: {
    readonly [source: string]: { readonly arn: pulumi.Input<string>; readonly url: pulumi.Input<string> };
  };

  /**
   * Whether the queues are FIFO. The order of each source is kept then.
   *
   * @default false
   */
  readonly fifo?: boolean;

  /** Who may send; each source gets a route of its own. A plain list, because it decides which routes there are. */
  readonly sources: readonly HttpIngestSource[];

  /**
   * An HTTP API that the routes are added to. Its stage, and with it throttling, access log and deployment, stay with
   * whoever owns it: routes are reachable only once the stage is deployed, by itself (auto-deploy) or by its owner.
   *
   * @default an API of the component's own
   */
  readonly existing?: ExistingHttpApi | undefined;

  /**
   * First part of every path; `$default` adds none. On an existing API the name of the stage that senders use.
   *
   * @default "$default"
   */
  readonly stageName?: string;

  /**
   * What every path goes on with, before the source's name.
   *
   * @default "webhooks"
   */
  readonly pathPrefix?: string;

  /**
   * Requests a second, and at once, above which senders are answered 429. Not with `existing`.
   *
   * @default 1,000 a second, 2,000 at once
   */
  readonly throttling?: HttpApiLimits | undefined;

  /**
   * Days that the access log is kept. Not with `existing`.
   *
   * @default 30
   */
  readonly accessLogRetentionDays?: number | undefined;

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
 * An HTTP API that puts each request's body into an SQS queue, with the headers that its source needs beside it: the cheap
 * front door, for text alone. What it cannot do, and how `SqsIngestApi` does it, is in docs/http-api.md.
 *
 * @example
 * ```ts
 * const api = new SqsIngestHttpApi("webhooks", {
 *   sources: [{ name: "github", headers: ["x-hub-signature-256", "x-github-delivery"] }],
 *   queues: { github: webhooks.queue },
 * });
 * export const endpoints = api.endpoints;   // { github: "https://….amazonaws.com/webhooks/github" }
 * ```
 */
export class SqsIngestHttpApi extends pulumi.ComponentResource {
  /** Id of the API that the routes are part of, whoever owns it. */
  readonly apiId: pulumi.Output<string>;
  /** The URL each source posts to, by its name. */
  readonly endpoints: { readonly [source: string]: pulumi.Output<string> };
  /** By what alarms know the API. */
  readonly watched: WatchedApi;

  constructor(name: string, args: SqsIngestHttpApiArgs, opts?: pulumi.ComponentResourceOptions) {
    const {
      sources,
      fifo = false,
      existing,
      stageName = "$default",
      pathPrefix = "webhooks",
      throttling = { requestsPerSecond: 1_000, burst: 2_000 },
      accessLogRetentionDays = 30,
      queueKeyArn,
      logKeyArn,
      tags = {},
    } = args;
    checkHttpIngestSources(sources);
    checkStageName(stageName);
    checkWholeNumber("throttling.requestsPerSecond", throttling.requestsPerSecond, 1, 10_000);
    checkWholeNumber("throttling.burst", throttling.burst, 1, 5_000);
    if (existing !== undefined) checkOwnersAffairs(args);
    const received = withQueues(args);
    super("webhooks:index:SqsIngestHttpApi", name, {}, opts);

    const child = { parent: this };

    const api = existing === undefined ? createApi(name, tags, child) : findHttpApi(existing, this);

    const role = new aws.iam.Role(
      `${name}-http-api-role`,
      {
        description: "Lets API Gateway put webhooks into the queue",
        assumeRolePolicy: trustService("apigateway.amazonaws.com"),
        tags,
      },
      child,
    );
    const queueArns = received.map(({ queue }) => queue.arn);
    const rolePolicy = new aws.iam.RolePolicy(
      `${name}-http-api-role-policy`,
      { role: role.id, policy: policyDocument(mayEnqueue(queueArns, queueKeyArn)) },
      child,
    );

    const routes = received.map(({ source, queue }) => {
      const integration = new aws.apigatewayv2.Integration(
        `${name}-http-api-${source.name}`,
        {
          apiId: api.id,
          description: `Puts webhooks of ${source.name} into the queue`,
          integrationType: "AWS_PROXY",
          integrationSubtype: "SQS-SendMessage",
          // The only one that AWS services are called with.
          payloadFormatVersion: "1.0",
          credentialsArn: role.arn,
          requestParameters: requestParameters(source, { url: queue.url, fifo }),
          responseParameters,
        },
        child,
      );
      return new aws.apigatewayv2.Route(
        `${name}-http-api-${source.name}-route`,
        {
          apiId: api.id,
          routeKey: routeKey(pathPrefix, source),
          target: pulumi.interpolate`integrations/${integration.id}`,
        },
        // Without its policy the role is of no use: no request may come in before it is there.
        { ...child, dependsOn: [rolePolicy] },
      );
    });

    if (existing === undefined) {
      const stage = { apiId: api.id, stageName, pathPrefix, throttling, accessLogRetentionDays, logKeyArn };
      createHttpApiStage(name, { ...stage, sources, routes, tags }, child);
    }

    const origin = stageName === "$default" ? api.origin : pulumi.interpolate`${api.origin}/${stageName}`;
    this.endpoints = Object.fromEntries(
      sources.map((source) => [source.name, pulumi.interpolate`${origin}/${pathPrefix}/${source.name}`]),
    );
    this.apiId = api.id;
    this.watched = { kind: "http", id: api.id };
    this.registerOutputs({ apiId: this.apiId, endpoints: this.endpoints });
  }
}

function checkStageName(stageName: string): void {
  const holds = /^(\$default|[A-Za-z0-9_-]{1,128})$/.test(stageName);
  checkThat(holds, "stageName", "must be $default or 1 to 128 letters, digits, _ and -");
}

/** Refuses what is decided where the existing API's stage is. */
function checkOwnersAffairs({ sources, throttling, accessLogRetentionDays }: SqsIngestHttpApiArgs): void {
  const ofSources = sources.map((source, index) => [`sources[${index}].throttling`, source.throttling]);
  const ofStage = { throttling, accessLogRetentionDays, ...Object.fromEntries(ofSources) };
  for (const [path, value] of Object.entries(ofStage)) {
    checkThat(value === undefined, path, "belongs to the existing API's stage: set it there");
  }
}

/** Each source with its queue. */
function withQueues({ sources, queues }: SqsIngestHttpApiArgs) {
  return sources.map((source, index) => {
    const queue = queues[source.name];
    if (queue !== undefined) return { source, queue };
    throw refusal(`sources[${index}]`, `has no queue: name one for "${source.name}" in queues`);
  });
}

function createApi(
  name: string,
  tags: NonNullable<SqsIngestHttpApiArgs["tags"]>,
  child: pulumi.CustomResourceOptions,
): HttpApiPlace {
  const api = new aws.apigatewayv2.Api(
    `${name}-http-api`,
    { description: "Takes webhooks and puts them into SQS", protocolType: "HTTP", tags },
    child,
  );
  return { id: api.id, origin: api.apiEndpoint };
}
