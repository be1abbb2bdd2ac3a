import { explainAwsError } from "../command-line/aws-error.js";
import { CommandError } from "../command-line/command-error.js";
import { exitCodes } from "../command-line/exit-code.js";
import type { Refusal } from "./contract.js";

/** An answer that says no, with its status. */
export class RefusedRequest extends Error {
  override readonly name = "RefusedRequest";

  constructor(
    readonly status: number,
    message: string,
    readonly next?: string,
  ) {
    super(message);
  }
}

/** The status that an error is answered with. */
export function statusOf(error: unknown): number {
  if (error instanceof RefusedRequest) return error.status;
  if (error instanceof CommandError) {
    if (error.exitCode === exitCodes.wrongUsage) return 400;
    return error.exitCode === exitCodes.nothingMatched ? 404 : 409;
  }
  return explainAwsError(error) === undefined ? 500 : 502;
}

/** An error in the words in which the operator's command tells it. */
export function errorOf(error: unknown): Refusal["error"] {
  if (error instanceof RefusedRequest) return withNext(error.message, error.next);
  const known = error instanceof CommandError ? error : explainAwsError(error);
  if (known !== undefined) return withNext(known.message, known.next);
  return { message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}

function withNext(message: string, next: string | undefined): Refusal["error"] {
  return { message, ...(next === undefined ? {} : { next }) };
}
