import * as pulumi from "@pulumi/pulumi";
import { createdInCloud } from "../../program/cloud-values.js";
import type { Graph, GraphResource } from "../../program/graph.js";
import { localAccount } from "../../program/read-graph.js";

/** Graphs made by hand, for tests of what runs from a graph. ARNs are those that the real program would get; names are the logical ones, as if the program had chosen them. */

export const region = "us-east-1";

/** Where queue URLs point in tests that never call them. */
const nowhere = "http://127.0.0.1:1";

/** A resource as the program would register it. */
export function resource(
  type: string,
  name: string,
  inputs: Record<string, unknown> = {},
  endpoint = nowhere,
): GraphResource {
  const chosen = inputs.fifoQueue === true ? `${name}.fifo` : name;
  const { id, state } = createdInCloud(
    { type, name, inputs: { name: chosen, bucket: chosen, ...inputs }, custom: true },
    { account: localAccount, region, endpoint },
  );
  return {
    urn: `urn:pulumi:test::test::${type}::${name}`,
    type,
    name,
    custom: true,
    protect: false,
    aliases: [],
    inputs,
    id,
    state,
  };
}

export function graphOf(resources: readonly GraphResource[], outputs: Record<string, unknown> = {}): Graph {
  return { project: "test", stack: "test", region, account: localAccount, resources, outputs };
}

export const arnOf = (of: GraphResource) => String(of.state.arn);
export const urlOf = (of: GraphResource) => String(of.state.url);

export const queue = (name: string, inputs: Record<string, unknown> = {}, endpoint?: string) =>
  resource("aws:sqs/queue:Queue", name, inputs, endpoint);

/** A queue and its dead-letter queue. */
export function queueWithDeadLetters(
  name: string,
  maxReceiveCount: number,
  inputs: Record<string, unknown> = {},
  endpoint?: string,
): [GraphResource, GraphResource] {
  const { fifoQueue } = inputs;
  const deadLetters = queue(`${name}-dlq`, fifoQueue === undefined ? {} : { fifoQueue }, endpoint);
  const redrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf(deadLetters), maxReceiveCount });
  return [queue(`${name}-queue`, { ...inputs, redrivePolicy }, endpoint), deadLetters];
}

export interface TestStatement {
  Effect?: "Allow" | "Deny";
  Principal?: unknown;
  Action: string | string[];
  Resource?: string | string[];
  Condition?: unknown;
}

export const policyOf = (...statements: TestStatement[]) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
  });

/** A role that a service may take, with these statements. */
export function role(name: string, service: string, ...statements: TestStatement[]): GraphResource[] {
  const made = resource("aws:iam/role:Role", name, {
    assumeRolePolicy: policyOf({ Principal: { Service: service }, Action: "sts:AssumeRole" }),
  });
  const policy = resource("aws:iam/rolePolicy:RolePolicy", `${name}-policy`, {
    role: made.id,
    policy: policyOf(...statements),
  });
  return [made, policy];
}

/** What a function's role needs to be fed from a queue and to log. */
export const consumerStatements = (...queues: GraphResource[]): TestStatement[] => [
  {
    Action: [
      "sqs:ReceiveMessage",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ChangeMessageVisibility",
    ],
    Resource: queues.map(arnOf),
  },
  { Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: "*" },
];

/** A function whose module is the given source text. */
export function lambdaFunction(
  name: string,
  roleArn: string,
  source: string,
  inputs: Record<string, unknown> = {},
): GraphResource {
  return resource("aws:lambda/function:Function", name, {
    code: new pulumi.asset.AssetArchive({ "index.mjs": new pulumi.asset.StringAsset(source) }),
    handler: "index.handler",
    runtime: "nodejs24.x",
    role: roleArn,
    timeout: 5,
    memorySize: 128,
    ...inputs,
  });
}

export function mapping(
  from: GraphResource,
  to: GraphResource,
  inputs: Record<string, unknown> = {},
): GraphResource {
  return resource("aws:lambda/eventSourceMapping:EventSourceMapping", `${to.name}-source`, {
    eventSourceArn: arnOf(from),
    functionName: arnOf(to),
    functionResponseTypes: ["ReportBatchItemFailures"],
    ...inputs,
  });
}
