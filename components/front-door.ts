import type { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import type * as pulumi from "@pulumi/pulumi";
import { httpIngestSource } from "../settings/http-ingest.js";
import type { Settings } from "../settings/settings.js";
import type { WatchedApi } from "./alarms/watched-api.js";
import { SqsIngestApi } from "./sqs-ingest-api.js";
import { SqsIngestHttpApi } from "./sqs-ingest-http-api.js";

/** What the component needs in addition to the API's settings. */
export interface FrontDoorArgs {
  /** The queue for each source's webhooks, by the source's name. */
  readonly queues: {
    readonly [source: string]: { readonly arn: pulumi.Input<string>; readonly url: pulumi.Input<string> };
  };
  /** Queues that nothing goes to any more once the doors have changed. */
  readonly formerQueues: readonly { readonly arn: pulumi.Input<string> }[];
  readonly fifo: boolean;
  /** What works the queues off, and must know a source before its first webhook comes in. */
  readonly functions: readonly pulumi.Resource[];
  /** KMS key that queues are encrypted with, or were; absent: none of the stack's own. */
  readonly queueKeyArn: pulumi.Input<string> | undefined;
  /** KMS key that encrypts the access log. */
  readonly logKeyArn: pulumi.Input<string>;
  readonly tags: Readonly<Record<string, string>>;
}

/** What the rest of a stage needs to know of its front doors. */
export interface FrontDoors {
  /** The URL each source posts to, by its name. */
  readonly endpoints: { readonly [source: string]: pulumi.Output<string> };
  /** What the DNS record of the custom domain must point to, if there is one. */
  readonly domainTarget: pulumi.Output<string> | undefined;
  /** By what alarms know the present door, and what still answers besides. */
  readonly watched: WatchedApi;
  readonly watchedFormerly: Readonly<Record<string, WatchedApi>>;
  /** Let the doors use the queues' key. */
  readonly queueKeyPolicies: readonly (RolePolicy | undefined)[];
}

/** The stage's front door, and the one of the other kind that it had before. */
export function createFrontDoors(
  name: string,
  { api, formerApi, sources, protect }: Pick<Settings, "api" | "formerApi" | "sources" | "protect">,
  args: FrontDoorArgs,
  opts: pulumi.ComponentResourceOptions,
): FrontDoors {
  const open = sources.filter(({ changes }) => !changes.retiring);
  const present = createFrontDoor(name, { api, sources: open, protect }, args, opts);
  const former =
    formerApi && createFrontDoor(name, { api: formerApi, sources: open, protect: false }, args, opts);
  const doors = [present, ...(former === undefined ? [] : [former])];
  return {
    endpoints: present.endpoints,
    domainTarget: "domainTarget" in present ? present.domainTarget : undefined,
    watched: present.watched,
    watchedFormerly: {
      ...(former === undefined ? {} : { [formerApi?.kind ?? "rest"]: former.watched }),
      ...Object.fromEntries(doors.flatMap((door) => Object.entries(door.watchedFormerStages))),
    },
    queueKeyPolicies: doors.map(({ queueKeyPolicy }) => queueKeyPolicy),
  };
}

/** The REST API, or the cheaper HTTP API with its limits (docs/http-api.md). */
function createFrontDoor(
  name: string,
  {
    api,
    sources,
    protect,
  }: Pick<Settings, "sources"> & { readonly api: Settings["api"]; readonly protect: boolean },
  { queues, formerQueues, fifo, functions, queueKeyArn, logKeyArn, tags }: FrontDoorArgs,
  opts: pulumi.ComponentResourceOptions,
): SqsIngestApi | SqsIngestHttpApi {
  const common = {
    queues,
    formerQueues,
    fifo,
    stageName: api.stageName,
    formerStageNames: api.formerStageNames,
    pathPrefix: api.pathPrefix,
    formerPathPrefixes: api.formerPathPrefixes,
    queueKeyArn,
    logKeyArn,
    protectsUrls: protect,
    after: functions,
    tags,
  };
  if (api.kind === "http") {
    return new SqsIngestHttpApi(
      name,
      { ...common, sources: sources.map(httpIngestSource), api: api.api },
      opts,
    );
  }
  return new SqsIngestApi(
    name,
    {
      ...common,
      sources: sources.map(({ ingest }) => ingest),
      bodyMode: api.bodyMode,
      contentTypes: api.contentTypes,
      throttling: api.throttling,
      accessLogRetentionDays: api.accessLogRetentionDays,
      ownsAccountLogging: api.ownsAccountLogging,
      customDomain: api.customDomain,
      formerCustomDomains: api.formerCustomDomains,
      webAclArn: api.webAclArn,
    },
    opts,
  );
}
