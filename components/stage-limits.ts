import { awsTargetsOf } from "../runtime/stage/definition.js";
import { pathsOf } from "../settings/ingest-source.js";
import { lanesOf } from "../settings/lanes.js";
import type { Settings } from "../settings/settings.js";
import { type AlarmKind, alarmKinds, descriptionOf } from "./alarms/kinds.js";
import { mostLanes } from "./dashboard/dashboard.js";
import { openApiDocument } from "./ingest/openapi.js";
import { resourcePolicy } from "./ingest/resource-policy.js";
import { targetCharacters } from "./processor/target-permissions.js";
import { mostArnCharacters } from "./support/iam.js";

/**
 * What of a stage is larger than AWS takes, a line each, by its real size: AWS would refuse it half-way through an update.
 * docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html and http-api-quotas.html
 */
export function tooLarge(name: string, settings: Settings, stack: string): string[] {
  const { api, formerApi } = settings;
  const sources = settings.sources.filter(({ changes }) => !changes.retiring);
  return [
    ...nameTooLong(name),
    ...tooManyTargets(name, settings),
    ...tooManyQueues(name, settings),
    ...runbookUrlTooLong(settings, stack),
    ...[api, formerApi].flatMap((door) => (door === undefined ? [] : doorTooLarge(door, sources))),
  ];
}

/** The longest that is made of the pipeline's own name is a role's, which takes 64 characters with the 8 that Pulumi adds. */
function nameTooLong(name: string): string[] {
  const most = 64 - "-api-logging-role-1234567".length;
  return name.length <= most
    ? []
    : [
        `the pipeline's name has ${name.length} characters, and the names of roles have room for ${most} of it`,
      ];
}

/** Characters that targets leave to the secrets of the same role. */
const secretCharacters = 400;

/** A function that many subscribers share may hand webhooks to each one's target, and its role names them one by one. */
function tooManyTargets(name: string, settings: Settings): string[] {
  const most = mostArnCharacters - secretCharacters;
  return lanesOf(settings, name).flatMap(({ definition }) => {
    const targets = awsTargetsOf(definition).map(({ target }) => target);
    const characters = targetCharacters(targets);
    return characters <= most
      ? []
      : [
          `sources: with the AWS targets of ${targets.length} subscribers the role of those that share a queue takes ${characters} ` +
            `characters of policies, and AWS leaves ${most} for them: give all subscribers queue: dedicated, or split the sources over two stages`,
        ];
  });
}

/** Each queue, with its function and its alarms, is in most graphs of the dashboard. */
function tooManyQueues(name: string, settings: Settings): string[] {
  const count = lanesOf(settings, name).length;
  return !settings.dashboard || count <= mostLanes
    ? []
    : [
        `sources: they and their subscribers make ${count} queues, and a dashboard has room for the metrics of ${mostLanes}: ` +
          "let some share a queue, split them over two stages, or set dashboard: false",
      ];
}

/** Characters of an alarm's description: docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
const longestDescription = 1_024;

function runbookUrlTooLong({ alarms: { runbookUrl } }: Settings, stack: string): string[] {
  if (runbookUrl === undefined) return [];
  const kinds = Object.keys(alarmKinds) as AlarmKind[];
  const longest = Math.max(...kinds.map((kind) => descriptionOf(kind, { stack, runbookUrl }).length));
  const most = runbookUrl.length - (longest - longestDescription);
  return longest <= longestDescription
    ? []
    : [
        `alarms.runbookUrl: has ${runbookUrl.length} characters, and the descriptions of alarms have room for ${most}: name a shorter address that leads there`,
      ];
}

function doorTooLarge(api: Settings["api"], sources: Settings["sources"]): string[] {
  const ingest = sources.map((source) => source.ingest);
  const pathPrefixes = [api.pathPrefix, ...api.formerPathPrefixes];
  const paths = ingest.flatMap((source) => pathsOf(source, pathPrefixes));
  if (api.kind === "http") {
    return paths.length <= 300
      ? []
      : [
          `sources: have ${paths.length} paths, and an HTTP API has room for 300 routes: split them over two stages`,
        ];
  }
  const { bodyMode, contentTypes } = api;
  const stageNames = [api.stageName, ...api.formerStageNames];
  // The root, each part of the prefixes, and one a path.
  const resources = 1 + new Set(paths.flatMap(partsOf)).size;
  const policy = resourcePolicy(ingest, { stageNames, pathPrefixes });
  // Short forms of ARNs may count in full: whether they do is unconfirmed.
  const fullArn = "arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:0123456789";
  const policySize =
    policy === undefined ? 0 : JSON.stringify(policy).replaceAll("execute-api:/", `${fullArn}/`).length;
  const document = openApiDocument({
    title: "",
    stageNames,
    pathPrefixes,
    sources: ingest,
    bodyMode,
    fifo: true,
    contentTypes,
    // As long as names of queues and roles become.
    integrationUris: Object.fromEntries(ingest.map((source) => [source.name, "u".repeat(200)])),
    credentialsArn: "r".repeat(130),
  });
  const documentBytes = Buffer.byteLength(JSON.stringify(document));
  return [
    ...(resources <= 300
      ? []
      : [
          `sources: make ${resources} resources of the REST API, which has room for 300: split them over two stages`,
        ]),
    ...(policySize <= 8_192
      ? []
      : [
          `sources: their allowedCidrs make a resource policy of ${policySize} characters, and AWS takes 8192: let sources ` +
            "share a list, or name wider blocks",
        ]),
    ...(documentBytes <= 6_000_000
      ? []
      : [
          `api.contentTypes: with ${ingest.length} sources they make a document of ${documentBytes} bytes, and API Gateway ` +
            "imports 6000000: name fewer types",
        ]),
  ];
}

/** The resources that a path is made of: `/webhooks` and `/webhooks/github`. */
function partsOf(path: string): string[] {
  const parts = path.split("/").slice(1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
