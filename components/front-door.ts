import type * as pulumi from "@pulumi/pulumi";
import { httpIngestSource } from "../settings/http-ingest.js";
import type { Settings } from "../settings/settings.js";
import { SqsIngestApi } from "./sqs-ingest-api.js";
import { SqsIngestHttpApi } from "./sqs-ingest-http-api.js";

/** What the component needs in addition to the API's settings. */
export interface FrontDoorArgs {
  /** The queue for each source's webhooks, by the source's name. */
  readonly queues: {
    readonly [source: string]: { readonly arn: pulumi.Input<string>; readonly url: pulumi.Input<string> };
  };
  readonly fifo: boolean;
  /** KMS key that encrypts the queues. Absent if the queues have no key of this stack. */
  readonly queueKeyArn: pulumi.Input<string> | undefined;
  /** KMS key that encrypts the access log. */
  readonly logKeyArn: pulumi.Input<string>;
  readonly tags: Readonly<Record<string, string>>;
}

/** The REST API, or the cheaper HTTP API with its limits (docs/http-api.md). */
export function createFrontDoor(
  name: string,
  { api, sources }: Pick<Settings, "api" | "sources">,
  { queues, fifo, queueKeyArn, logKeyArn, tags }: FrontDoorArgs,
  opts: pulumi.ComponentResourceOptions,
): SqsIngestApi | SqsIngestHttpApi {
  if (api.kind === "http") {
    return new SqsIngestHttpApi(
      name,
      {
        queues,
        fifo,
        sources: sources.map(httpIngestSource),
        api: api.api,
        stageName: api.stageName,
        pathPrefix: api.pathPrefix,
        queueKeyArn,
        logKeyArn,
        tags,
      },
      opts,
    );
  }
  const { customDomain } = api;
  return new SqsIngestApi(
    name,
    {
      queues,
      fifo,
      sources: sources.map(({ ingest }) => ingest),
      bodyMode: api.bodyMode,
      contentTypes: api.contentTypes,
      stageName: api.stageName,
      pathPrefix: api.pathPrefix,
      throttling: api.throttling,
      accessLogRetentionDays: api.accessLogRetentionDays,
      ownsAccountLogging: api.ownsAccountLogging,
      customDomain: customDomain && {
        domainName: customDomain.domainName,
        certificateArn: customDomain.certificateArn,
        basePath: customDomain.basePath,
      },
      webAclArn: api.webAclArn,
      queueKeyArn,
      logKeyArn,
      tags,
    },
    opts,
  );
}
