import { Api } from "@pulumi/aws/apigatewayv2/api.js";
import { Integration } from "@pulumi/aws/apigatewayv2/integration.js";
import { Route } from "@pulumi/aws/apigatewayv2/route.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import * as pulumi from "@pulumi/pulumi";
import type { HttpIngestSource } from "../settings/http-ingest-source.js";
import { keyOf, pathsOf } from "../settings/ingest-source.js";
import type { Throttling } from "../settings/units.js";
import type { WatchedApi } from "./alarms/watched-api.js";
import { type ExistingHttpApi, findHttpApi, type HttpApiPlace } from "./ingest/http/existing-api.js";
import { requestParameters } from "./ingest/http/request-parameters.js";
import { responseParameters } from "./ingest/http/responses.js";
import { routeKey } from "./ingest/http/route-key.js";
import { createHttpApiStages } from "./ingest/http/stage.js";
import { mayEncrypt, mayEnqueue } from "./ingest/may-enqueue.js";
import { queueOf } from "./ingest/queue-of.js";
import { policyDocument, trustService } from "./support/iam.js";
import { nameByValue } from "./support/name-by-value.js";

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
   * Queues that webhooks went to before, and still do until the API has changed.
   *
   * @default none
   */
  readonly formerQueues?: readonly { readonly arn: pulumi.Input<string> }[] | undefined;

  /**
   * First segment of every path; `$default` adds none. With an existing API: the name of the stage that senders use.
   */
  readonly stageName: string;

  /**
   * Stage names that go on answering, beside the present one. None on an existing API.
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
   * Whether Pulumi refuses to delete or replace what the URLs stand on: an API of the component's own, and its stage.
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
  /** None: an HTTP API's metrics are those of all its stages. */
  readonly watchedFormerStages: Readonly<Record<string, WatchedApi>> = {};
  /** Lets API Gateway use the queues' key. No queue may be encrypted with it before. */
  readonly queueKeyPolicy: RolePolicy | undefined;

  constructor(name: string, args: SqsIngestHttpApiArgs, opts?: pulumi.ComponentResourceOptions) {
    const {
      sources,
      queues,
      fifo,
      formerQueues = [],
      stageName,
      pathPrefix,
      queueKeyArn,
      logKeyArn,
      tags,
    } = args;
    const { formerStageNames = [], formerPathPrefixes = [], protectsUrls = false, after = [] } = args;
    const pathPrefixes = [pathPrefix, ...formerPathPrefixes];
    const received = sources.map((source, index) => ({
      source,
      queue: queueOf(source.name, index, queues),
    }));
    super("webhooks:index:SqsIngestHttpApi", name, {}, opts);

    const child = { parent: this };

    const api =
      "existing" in args.api
        ? findHttpApi(args.api.existing, this)
        : createApi(name, tags, { ...child, protect: protectsUrls });

    const role = new Role(
      `${name}-http-api-role`,
      {
        description: "Lets API Gateway put webhooks into the queue",
        assumeRolePolicy: trustService("apigateway.amazonaws.com"),
        tags,
      },
      child,
    );
    const queueArns = [...received.map(({ queue }) => queue.arn), ...formerQueues.map(({ arn }) => arn)];
    const rolePolicy = new RolePolicy(
      `${name}-http-api-role-policy`,
      { role: role.id, policy: policyDocument(mayEnqueue(queueArns)) },
      child,
    );
    // Apart from the rest, which names the queues: they wait for this.
    this.queueKeyPolicy =
      queueKeyArn === undefined
        ? undefined
        : new RolePolicy(
            `${name}-http-api-role-key-policy`,
            { role: role.id, policy: policyDocument(mayEncrypt(queueKeyArn)) },
            child,
          );
    const policies = [rolePolicy, this.queueKeyPolicy].filter((policy) => policy !== undefined);

    const routes = received.flatMap(({ source, queue }) => {
      const key = keyOf(source);
      const integration = new Integration(
        `${name}-http-api-${key}`,
        {
          apiId: api.id,
          description: `Puts webhooks of ${source.name} into the queue`,
          integrationType: "AWS_PROXY",
          integrationSubtype: "SQS-SendMessage",
          // The only version that works with AWS services (AWS fact 7.1).
          payloadFormatVersion: "1.0",
          credentialsArn: role.arn,
          requestParameters: requestParameters({ ...source, name: key }, { url: queue.url, fifo }),
          responseParameters,
        },
        // Without its policies the role is of no use: no request may come in, or go another way, before they are there.
        { ...child, dependsOn: [...policies, ...after] },
      );
      return nameByValue(`${name}-http-api-${key}-route`, pathsOf(source, pathPrefixes)).map(
        ({ value: path, name: routeName, aliases }) =>
          new Route(
            routeName,
            {
              apiId: api.id,
              routeKey: routeKey(path),
              target: pulumi.interpolate`integrations/${integration.id}`,
            },
            { ...child, aliases, dependsOn: policies },
          ),
      );
    });

    if (!("existing" in args.api)) {
      const { throttling, accessLogRetentionDays } = args.api;
      const stages = { stageNames: [stageName, ...formerStageNames], protect: protectsUrls };
      const settings = { apiId: api.id, pathPrefixes, throttling, accessLogRetentionDays, logKeyArn };
      createHttpApiStages(name, { ...stages, ...settings, sources, routes, tags }, child);
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
