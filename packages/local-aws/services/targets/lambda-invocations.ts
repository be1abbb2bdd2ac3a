import type { Principal } from "../../iam/principal.js";
import { arnsElsewhere } from "../../iam/resources-elsewhere.js";
import type { Graph } from "../../program/graph.js";
import { unknownOperation } from "../input.js";
import { ServiceError } from "../service-error.js";
import { Recorder } from "./recorder.js";

/** An invocation of a function that is not on this machine. */
export interface Invocation {
  readonly type: "Event" | "RequestResponse";
  readonly payload: unknown;
}

/** A function's answer: what it returns, or what it throws, as Lambda writes both. */
export interface FunctionAnswer {
  readonly payload: unknown;
  /** `Unhandled` for a function that throws. Default: it returns. */
  readonly functionError?: string;
}

/** docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const mostBytes = { Event: 1_048_576, RequestResponse: 6_291_456 } as const;

/** Lambda's Invoke, for the functions of others that the program's roles may call. They return null unless a test says more. */
export class LambdaInvocations {
  readonly invocations: Recorder<Invocation>;
  readonly #foreign: ReadonlySet<string>;
  readonly #answers = new Map<string, (payload: unknown) => FunctionAnswer | Promise<FunctionAnswer>>();

  constructor(graph: Graph) {
    this.invocations = new Recorder(graph, "function");
    this.#foreign = new Set(arnsElsewhere(graph, "function"));
  }

  /** What a function does from now on. */
  answerWith(arn: string, answer: (payload: unknown) => FunctionAnswer | Promise<FunctionAnswer>): void {
    this.#answers.set(arn, answer);
  }

  /**
   * @param input FunctionName: the function's ARN; Payload: the request's bytes
   * @throws ServiceError for what Lambda would refuse
   */
  async handle(
    operation: string,
    { FunctionName, InvocationType = "RequestResponse", Payload }: Readonly<Record<string, unknown>>,
    principal: Principal,
  ): Promise<FunctionAnswer & { readonly status: number }> {
    if (operation !== "Invoke") throw unknownOperation("Lambda", operation);
    const arn = String(FunctionName);
    if (!this.invocations.has(arn)) {
      throw new ServiceError("ResourceNotFoundException", `Function not found: ${arn}`, 404);
    }
    if (!this.#foreign.has(arn)) {
      throw new ServiceError(
        "ServiceException",
        `Lambda on this machine runs the program's own functions from their event sources alone, not by Invoke: ${arn}`,
        501,
      );
    }
    if (InvocationType !== "Event" && InvocationType !== "RequestResponse") {
      throw new ServiceError(
        "InvalidParameterValueException",
        `InvocationType ${InvocationType} is not known here`,
      );
    }
    const bytes = Payload as Buffer;
    if (bytes.length > mostBytes[InvocationType]) {
      throw new ServiceError(
        "RequestTooLargeException",
        `Request must be smaller than ${mostBytes[InvocationType]} bytes for the InvokeFunction operation`,
        413,
      );
    }
    const payload = readPayload(bytes);
    this.invocations.add(arn, principal, { type: InvocationType, payload });
    if (InvocationType === "Event") return { status: 202, payload: undefined };
    const answer = (await this.#answers.get(arn)?.(payload)) ?? { payload: null };
    return { status: 200, ...answer };
  }
}

function readPayload(bytes: Buffer): unknown {
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw new ServiceError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${(error as Error).message}`,
    );
  }
}
