import { AccessDenied } from "../iam/authoriser.js";
import type { AccessKeys, Principal } from "../iam/principal.js";
import { describe, type GraphResource, resourcesOfType } from "../program/graph.js";
import { UserError } from "../program/user-error.js";
import type { Cloud } from "../services/cloud.js";
import type { LogStore } from "../watching/logs.js";
import type { MetricSink } from "../watching/metrics.js";
import { LambdaControl } from "./control-plane.js";
import { EventSourceMapping, joined } from "./event-source-mapping.js";
import {
  type FailedInvocation,
  LambdaFunction,
  logGroupOf,
  logStream,
  type RunningFunction,
} from "./function.js";

export interface FunctionsOptions {
  readonly cloud: Cloud;
  readonly keys: AccessKeys;
  readonly metrics: MetricSink;
  readonly logs: LogStore;
  /** Where the functions find AWS. */
  readonly endpoint: string;
  /** Environment variables besides those of the program. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly onProblem: (problem: string) => void;
  readonly onFailedInvocation?: ((failed: FailedInvocation) => void) | undefined;
}

/** The program's functions, fed by their mappings. */
export interface RunningFunctions {
  readonly functions: readonly RunningFunction[];
  stop(): Promise<void>;
}

/** What the poller does with the function's role (AWS fact 4.13); AWS refuses a mapping whose role lacks one of them. */
const pollerOperations = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];

/**
 * Loads every function of the program and starts the mappings that feed them.
 *
 * @throws UserError for a function whose code cannot be loaded, and for one, a role or a mapping that AWS would refuse
 */
export async function startFunctions(options: FunctionsOptions): Promise<RunningFunctions> {
  const { cloud, keys, metrics, logs, endpoint, variables, onProblem, onFailedInvocation } = options;
  const lambdas: LambdaFunction[] = [];
  const stopLambdas = () => Promise.all(lambdas.map((lambda) => lambda.stop()));
  try {
    for (const resource of resourcesOfType(cloud.graph, "aws:lambda/function:Function")) {
      const principal = roleOf(cloud, resource);
      const name = String(resource.state.name);
      lambdas.push(
        await LambdaFunction.load({
          graph: cloud.graph,
          resource,
          key: keys.issue(principal),
          endpoint,
          ...(variables === undefined ? {} : { variables }),
          metrics,
          onFailedInvocation,
          onLine: logs.writerFor(name, principal, logGroupOf(resource), logStream),
        }),
      );
    }
    const mappings = resourcesOfType(cloud.graph, "aws:lambda/eventSourceMapping:EventSourceMapping").map(
      (resource) => {
        if (resource.inputs.filterCriteria !== undefined) {
          throw new UserError(
            `${describe(resource)}: filterCriteria are not supported locally, and AWS deletes a message that they filter out: filter in the handler`,
          );
        }
        const { queue, lambda } = joined(resource, cloud.sqs.queues(), lambdas);
        const principal: Principal = { kind: "role", arn: lambda.roleArn };
        checkPoller(cloud, resource, principal, queue.settings.url);
        return new EventSourceMapping({ cloud, resource, lambda, principal, onProblem }, queue);
      },
    );
    await Promise.all(lambdas.map((lambda) => lambda.warmUp()));
    for (const mapping of mappings) mapping.start();
    const control = new LambdaControl(cloud.graph, lambdas, mappings);
    cloud.serve("lambda", (operation, input, principal) =>
      operation === "Invoke"
        ? cloud.lambda.handle(operation, input, principal)
        : control.handle(operation, input),
    );

    return {
      functions: lambdas,
      async stop() {
        const stopped = mappings.map((mapping) => mapping.stop());
        await stopLambdas();
        await Promise.all(stopped);
      },
    };
  } catch (error) {
    await stopLambdas();
    throw error;
  }
}

function roleOf({ authoriser }: Cloud, resource: GraphResource): Principal {
  const arn = String(resource.inputs.role);
  try {
    authoriser.checkTrust(arn, "lambda.amazonaws.com");
  } catch (error) {
    if (!(error instanceof AccessDenied)) throw error;
    throw new UserError(
      `${describe(resource)}: Lambda cannot assume the role: allow lambda.amazonaws.com in its assumeRolePolicy`,
    );
  }
  authoriser.prepare(arn);
  return { kind: "role", arn };
}

function checkPoller(cloud: Cloud, resource: GraphResource, principal: Principal, QueueUrl: string): void {
  for (const operation of pollerOperations) {
    try {
      cloud.authoriser.check(principal, { service: "sqs", operation, input: { QueueUrl } });
    } catch (error) {
      if (!(error instanceof AccessDenied)) throw error;
      throw new UserError(`${describe(resource)}: ${error.message}`);
    }
  }
}
