import { arnOf, describe, type Graph, type GraphResource, resourcesOfType } from "./graph.js";
import { UserError } from "./user-error.js";

/** After how many receives SQS moves a queue's message, and where to. */
export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** @throws UserError for a policy that is not JSON */
export function redrivePolicy(graph: Graph, queue: GraphResource): RedrivePolicy | undefined {
  const text = queuePolicy(graph, queue, "redrivePolicy", "aws:sqs/redrivePolicy:RedrivePolicy");
  if (text === undefined) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = jsonPolicy(text, `${describe(queue)} redrivePolicy`);
  return { deadLetterTargetArn: String(deadLetterTargetArn), maxReceiveCount: Number(maxReceiveCount) };
}

/** ARNs of the queues whose dead letters end in a queue. */
export function queuesRedrivingTo(graph: Graph, deadLetterTargetArn: string): string[] {
  return resourcesOfType(graph, "aws:sqs/queue:Queue")
    .filter((queue) => redrivePolicy(graph, queue)?.deadLetterTargetArn === deadLetterTargetArn)
    .map(arnOf);
}

/** A policy on the queue itself or in a resource of its own. */
export function queuePolicy(graph: Graph, queue: GraphResource, input: string, type: string): unknown {
  const separate = resourcesOfType(graph, type).find(({ inputs }) => inputs.queueUrl === queue.state.url);
  return queue.inputs[input] ?? separate?.inputs[input];
}

/** @throws UserError for text that is not JSON */
export function jsonPolicy(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  try {
    return JSON.parse(String(value));
  } catch {
    throw new UserError(`${what} is not JSON: make it with pulumi.jsonStringify`);
  }
}
