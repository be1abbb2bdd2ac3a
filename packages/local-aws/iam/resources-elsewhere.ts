import { arnOf, type Graph, resourcesOfType } from "../program/graph.js";
import { partitionOf } from "../program/partition.js";
import { readGraphPolicies } from "./graph-policies.js";

/** A service whose resources may stand outside the program: the prefix of its ARNs, and the program's own kind. */
interface KindOfResource {
  /** Third part of the ARN and the start of the resource: `events:event-bus/`. */
  readonly arn: RegExp;
  readonly type: string;
}

const kinds = {
  queue: { arn: /^arn:[a-z-]+:sqs:/, type: "aws:sqs/queue:Queue" },
  topic: { arn: /^arn:[a-z-]+:sns:/, type: "aws:sns/topic:Topic" },
  eventBus: { arn: /^arn:[a-z-]+:events:[^:]*:[^:]*:event-bus\//, type: "aws:cloudwatch/eventBus:EventBus" },
  function: { arn: /^arn:[a-z-]+:lambda:[^:]*:[^:]*:function:/, type: "aws:lambda/function:Function" },
  stateMachine: {
    arn: /^arn:[a-z-]+:states:[^:]*:[^:]*:stateMachine:/,
    type: "aws:sfn/stateMachine:StateMachine",
  },
  stream: { arn: /^arn:[a-z-]+:kinesis:[^:]*:[^:]*:stream\//, type: "aws:kinesis/stream:Stream" },
  firehose: {
    arn: /^arn:[a-z-]+:firehose:[^:]*:[^:]*:deliverystream\//,
    type: "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
  },
} as const satisfies Record<string, KindOfResource>;

export type ResourceKind = keyof typeof kinds;

/** ARNs of the resources of one kind that the program registers. */
export function registeredArns(graph: Graph, kind: ResourceKind): string[] {
  return resourcesOfType(graph, kinds[kind].type).map(arnOf);
}

/**
 * ARNs of the resources of one kind that belong to somebody else: the program's roles may use them by their whole ARNs, and the
 * program does not register them. Local AWS takes it that they exist.
 */
export function arnsElsewhere(graph: Graph, kind: ResourceKind): string[] {
  const own = registeredArns(graph, kind);
  return namedArns(graph).filter((arn) => kinds[kind].arn.test(arn) && !own.includes(arn));
}

const namedByGraph = new WeakMap<Graph, readonly string[]>();

/** The whole ARNs that roles' policies allow something on. */
function namedArns(graph: Graph): readonly string[] {
  const known = namedByGraph.get(graph);
  if (known !== undefined) return known;
  const named = readGraphPolicies(graph)
    .ofAllRoles()
    .flatMap(({ statements }) => statements)
    .filter(({ effect, resources }) => effect === "Allow" && !resources.not)
    .flatMap(({ resources }) => resources.values)
    .filter((resource) => !/[*?]/.test(resource));
  const unique = [...new Set(named)];
  namedByGraph.set(graph, unique);
  return unique;
}

/** The parts of an ARN: `arn:partition:service:region:account:resource`. */
export function partsOfArn(arn: string): { region: string; account: string; resource: string } {
  const [, , , region = "", account = "", ...resource] = arn.split(":");
  return { region, account, resource: resource.join(":") };
}

/** A bus's name or ARN as its ARN. */
export function busArn(graph: Graph, nameOrArn: unknown = "default"): string {
  const text = String(nameOrArn);
  return text.startsWith("arn:") ? text : ownArn(graph, "events", `event-bus/${text}`);
}

/** The ARN of the stream that a call to Kinesis names. */
export function streamArn(
  graph: Graph,
  { StreamName, StreamARN }: { readonly StreamName?: unknown; readonly StreamARN?: unknown },
): string {
  return StreamARN === undefined ? ownArn(graph, "kinesis", `stream/${StreamName}`) : String(StreamARN);
}

/**
 * The ARN of the stream that a call to Firehose names. On AWS it is in the caller's account and Region; here it may be in those
 * of an ARN that a role may use, because the account on this machine is a made-up one.
 */
export function firehoseArn(graph: Graph, name: unknown): string {
  const own = ownArn(graph, "firehose", `deliverystream/${name}`);
  const known = [...registeredArns(graph, "firehose"), ...arnsElsewhere(graph, "firehose")];
  if (known.includes(own)) return own;
  return known.find((arn) => partsOfArn(arn).resource === `deliverystream/${name}`) ?? own;
}

/**
 * The ARN of a queue's URL: account and name are its path. The Region is that of its host, if it has one.
 */
export function queueArn(graph: Graph, url: unknown): string {
  const [, host = "", account, name] =
    /^(?:https?:\/\/([^/]*)\/)?(?:([^/]*)\/)?([^/]*)$/.exec(String(url)) ?? [];
  const [, region = graph.region] = /^sqs\.([^.]+)\./.exec(host) ?? [];
  return `arn:${partitionOf(region).name}:sqs:${region}:${account ?? graph.account}:${name ?? ""}`;
}

function ownArn({ region, account }: Graph, service: string, resource: string): string {
  return `arn:${partitionOf(region).name}:${service}:${region}:${account}:${resource}`;
}
