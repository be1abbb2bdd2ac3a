import { z } from "zod";
import type { Principal } from "../../iam/principal.js";
import { partsOfArn } from "../../iam/resources-elsewhere.js";
import type { Graph } from "../../program/graph.js";
import { readInput, unknownOperation, validationError } from "../input.js";
import { ServiceError } from "../service-error.js";
import { Recorder } from "./recorder.js";

/** An execution that was started, and is not run on this machine: it counts as ended. */
export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly input: unknown;
}

const startExecution = z.object({
  stateMachineArn: z.string().min(1).max(256),
  name: z.string().min(1).max(80).optional(),
  input: z.string().default("{}"),
  traceHeader: z.string().max(256).optional(),
});

/** docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
const longestInputBytes = 262_144;
const invalidName = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u;

/** How long a name is taken. */
const nameIsTakenMilliseconds = 90 * 86_400_000;

/** Step Functions: starts executions of the program's standard state machines and of those that its roles may use. */
export class StepFunctions {
  readonly executions: Recorder<Execution>;
  /** Epoch milliseconds of the start, by the execution's ARN. */
  readonly #startedAt = new Map<string, number>();

  /** @param clock the current time in epoch milliseconds */
  constructor(
    graph: Graph,
    private readonly clock: () => number = Date.now,
  ) {
    this.executions = new Recorder(graph, "stateMachine");
  }

  /** @throws ServiceError for what Step Functions would refuse */
  handle(operation: string, input: unknown, principal: Principal): unknown {
    if (operation !== "StartExecution") throw unknownOperation("Step Functions", operation);
    const { stateMachineArn, name = crypto.randomUUID(), input: text } = readInput(startExecution, input);
    if (!this.executions.has(stateMachineArn)) {
      throw refused("StateMachineDoesNotExist", `State Machine Does Not Exist: '${stateMachineArn}'`);
    }
    if (invalidName.test(name)) throw refused("InvalidName", `Invalid Name: '${name}'`);
    if (Buffer.byteLength(text) > longestInputBytes) {
      throw validationError(
        `Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${longestInputBytes}`,
      );
    }
    const parsed = readJson(text);

    const { resource } = partsOfArn(stateMachineArn);
    const [, machine = ""] = resource.split(":");
    const arn = stateMachineArn.replace(/:stateMachine:.*/, `:execution:${machine}:${name}`);
    const now = this.clock();
    const earlier = this.#startedAt.get(arn);
    if (earlier !== undefined && now - earlier < nameIsTakenMilliseconds) {
      throw refused("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
    }
    this.#startedAt.set(arn, now);
    this.executions.add(stateMachineArn, principal, { arn, name, input: parsed });
    return { executionArn: arn, startDate: now / 1000 };
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refused(
      "InvalidExecutionInput",
      `Invalid State Machine Execution Input: '${(error as Error).message}'`,
    );
  }
}

function refused(code: string, message: string): ServiceError {
  return new ServiceError(code, message);
}
