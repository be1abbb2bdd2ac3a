import { Api } from "@pulumi/aws/apigatewayv2/api.js";
import { Integration } from "@pulumi/aws/apigatewayv2/integration.js";
import { Route } from "@pulumi/aws/apigatewayv2/route.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import * as pulumi from "@pulumi/pulumi";
import type { HttpIngestSource } from "../settings/http-ingest-source.js";
import type { Throttling } from "../settings/units.js";
import type { WatchedApi } from "./alarms/watched-api.js";
import { type ExistingHttpApi, findHttpApi, type HttpApiPlace } from "./ingest/http/existing-api.js";
import { requestParameters } from "./ingest/http/request-parameters.js";
import { responseParameters } from "./ingest/http/responses.js";
import { routeKey } from "./ingest/http/route-key.js";
import { createHttpApiStage } from "./ingest/http/stage.js";
import { mayEnqueue } from "./ingest/may-enqueue.js";
import { queueOf } from "./ingest/queue-of.js";
import { policyDocument, trustService } from "./support/iam.js";

/**
 * Settings of the stage of an own API. The owner of an existing API keeps all of them, and the deployment: the routes
 * are reachable only after the stage is deployed, by auto-deploy or by its owner.
 */
export interface OwnHttpApi {
  /** Requests a second and burst size above which senders get 429. */
  readonly throttling: Throttling;
  /** Days for which the access log is kept. */
  readonly accessLogRetentionDays: number;
}

/** Arguments of {@link SqsIngestHttpApi}. `settings/` has the bounds and defaults. */
export interface SqsIngestHttpApiArgs {
  /** The queue for each source's webhooks, by the source's name. */
  readonly queues: {
    readonly [source: string]: { readonly arn: pulumi.Input<string>; readonly url: pulumi.Input<string> };
  };

  /** Whether the queues are FIFO. Each source's order is then kept. */
  readonly fifo: boolean;

  /** The senders. Each source gets its own route. It is a plain list, because it decides which routes exist. */
  readonly sources: readonly HttpIngestSource[];

  /** The stage's settings of an own API, or an existing API that the routes are added to. */
  readonly api: OwnHttpApi | { readonly existing: ExistingHttpApi };

  /**
   * First segment of every path; `$default` adds none. With an existing API: the name of the stage that senders use.
   */
  readonly stageName: string;

  /** Segments of every path before the source's name. */
  readonly pathPrefix: string;

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

  /** Tags of every child that can have tags. */
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * An HTTP API that puts each request's body into an SQS queue, together with the headers that the source needs. It is
 * cheaper than a REST API, but takes only text. docs/http-api.md lists what it cannot do and how `SqsIngestApi` does
 * it.
 *
 * @example
 * ```ts
 * const api = new SqsIngestHttpApi("webhooks", {
 *   sources: [{ name: "github", headers: ["x-hub-signature-256", "x-github-delivery"] }],
 *   queues: { github: webhooks.queue }, fifo: false, stageName: "$default", pathPrefix: "webhooks",
 *   api: { throttling: { requestsPerSecond: 50, burst: 100 }, accessLogRetentionDays: 30 }, tags: {},
 * });
 * export const endpoints = api.endpoints;   // { github: "https://….amazonaws.com/webhooks/github" }
 * ```
 */
export class SqsIngestHttpApi extends pulumi.ComponentResource {
  /** Id of the API that the routes belong to, own or existing. */
  readonly apiId: pulumi.Output<string>;
  /** The URL that each source posts to, by the source's name. */
  readonly endpoints: { readonly [source: string]: pulumi.Output<string> };
  /** The API by the names that alarms need. */
  readonly watched: WatchedApi;

  constructor(name: string, args: SqsIngestHttpApiArgs, opts?: pulumi.ComponentResourceOptions) {
    const { sources, queues, fifo, stageName, pathPrefix, queueKeyArn, logKeyArn, tags } = args;
    const received = sources.map((source, index) => ({
      source,
      queue: queueOf(source.name, index, queues),
    }));
    super("webhooks:index:SqsIngestHttpApi", name, {}, opts);

    const child = { parent: this };

    const api = "existing" in args.api ? findHttpApi(args.api.existing, this) : createApi(name, tags, child);

    const role = new Role(
      `${name}-http-api-role`,
      {
        description: "Lets API Gateway put webhooks into the queue",
        assumeRolePolicy: trustService("apigateway.amazonaws.com"),
        tags,
      },
      child,
    );
    const queueArns = received.map(({ queue }) => queue.arn);
    const rolePolicy = new RolePolicy(
      `${name}-http-api-role-policy`,
      { role: role.id, policy: policyDocument(mayEnqueue(queueArns, queueKeyArn)) },
      child,
    );

    const routes = received.map(({ source, queue }) => {
      const integration = new Integration(
        `${name}-http-api-${source.name}`,
        {
          apiId: api.id,
          description: `Puts webhooks of ${source.name} into the queue`,
          integrationType: "AWS_PROXY",
          integrationSubtype: "SQS-SendMessage",
          // The only version that works with AWS services (AWS fact 7.1).
          payloadFormatVersion: "1.0",
          credentialsArn: role.arn,
          requestParameters: requestParameters(source, { url: queue.url, fifo }),
          responseParameters,
        },
        child,
      );
      return new Route(
        `${name}-http-api-${source.name}-route`,
        {
          apiId: api.id,
          routeKey: routeKey(pathPrefix, source),
          target: pulumi.interpolate`integrations/${integration.id}`,
        },
        // The role needs its policy: no request may arrive before the policy exists.
        { ...child, dependsOn: [rolePolicy] },
      );
    });

    if (!("existing" in args.api)) {
      const { throttling, accessLogRetentionDays } = args.api;
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

function createApi(
  name: string,
  tags: SqsIngestHttpApiArgs["tags"],
  child: pulumi.CustomResourceOptions,
): HttpApiPlace {
  const api = new Api(
    `${name}-http-api`,
    { description: "Takes webhooks and puts them into SQS", protocolType: "HTTP", tags },
    child,
  );
  return { id: api.id, origin: api.apiEndpoint };
}
