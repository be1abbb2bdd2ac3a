import type { Graph } from "../program/graph.js";
import { partitionOf } from "../program/partition.js";

/** The permissions for what operators ask of CloudWatch, its logs and Lambda. */

interface NeededAccess {
  readonly action: string;
  readonly resource: string;
}
type Input = Readonly<Record<string, unknown>>;
/** Makes an ARN of the call's service from its last part. */
type ArnOf = (rest: string) => string;

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/**
 * docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html. An alarm that is asked for by name
 * needs the permission on it; every other question after alarms needs that on all.
 */
export function cloudWatchAccess(
  graph: Graph,
  operation: string,
  { AlarmName, AlarmNames, DashboardName }: Input,
  arn: ArnOf,
): NeededAccess[] {
  const action = `cloudwatch:${operation}`;
  if (/Alarm/.test(operation)) {
    const named = [...texts(AlarmNames), ...(AlarmName === undefined ? [] : [String(AlarmName)])];
    return (named.length === 0 ? ["*"] : named).map((name) => ({ action, resource: arn(`alarm:${name}`) }));
  }
  if (DashboardName === undefined) return [{ action, resource: "*" }];
  const { name: partition } = partitionOf(graph.region);
  return [
    { action, resource: `arn:${partition}:cloudwatch::${graph.account}:dashboard/${String(DashboardName)}` },
  ];
}

/**
 * docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html: of the two forms of a log group's ARN,
 * all of these calls want the one that ends in `:*`. DescribeLogGroups asks for a group without a name.
 */
export function logsAccess(operation: string, input: Input, arn: ArnOf): NeededAccess[] {
  const named = String(input.logGroupName ?? input.logGroupIdentifier ?? "");
  const group = named.replace(/^arn:.*:log-group:([^:]*).*$/, "$1");
  const stream = operation === "GetLogEvents" ? String(input.logStreamName ?? "") : "";
  return [{ action: `logs:${operation}`, resource: arn(`log-group:${group}:log-stream:${stream}`) }];
}

/** docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html */
export function lambdaAccess(
  operation: string,
  { FunctionName, UUID, Resource }: Input,
  arn: ArnOf,
): NeededAccess[] {
  if (operation === "ListEventSourceMappings" || operation === "ListFunctions") {
    return [{ action: `lambda:${operation}`, resource: "*" }];
  }
  if (Resource !== undefined) return [{ action: `lambda:${operation}`, resource: String(Resource) }];
  if (UUID !== undefined) {
    return [{ action: `lambda:${operation}`, resource: arn(`event-source-mapping:${UUID}`) }];
  }
  const name = String(FunctionName);
  return [
    {
      action: `lambda:${operation === "Invoke" ? "InvokeFunction" : operation}`,
      resource: name.startsWith("arn:") ? name : arn(`function:${name.replace(/^(.*:)?function:/, "")}`),
    },
  ];
}
