import { type ExitCode, exitCodes } from "./exit-code.js";

/** The error for what a person can mend. It is shown as its message, without a stack trace. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";
  readonly exitCode: ExitCode;
  /** What to do next: a command or a sentence. */
  readonly next: string | undefined;
  /** What is shown below, such as another program's own words. */
  readonly details: string | undefined;

  /** @param options exitCode: default `failed`; next, details: default nothing */
  constructor(
    message: string,
    options: ErrorOptions & {
      readonly exitCode?: ExitCode;
      readonly next?: string | undefined;
      readonly details?: string | undefined;
    } = {},
  ) {
    super(message, options);
    this.exitCode = options.exitCode ?? exitCodes.failed;
    this.next = options.next;
    this.details = options.details;
  }
}

/** The error for a command that was not understood. */
export class UsageError extends CommandError {
  override readonly name = "UsageError";

  constructor(message: string, options: { readonly next?: string } = {}) {
    super(message, { ...options, exitCode: exitCodes.wrongUsage });
  }
}

/** The error for a command that did not begin. */
export class RefusedError extends CommandError {
  override readonly name = "RefusedError";

  constructor(message: string, options: { readonly next?: string; readonly details?: string } = {}) {
    super(message, { ...options, exitCode: exitCodes.refused });
  }
}

/** The error for a question to which there is no match. */
export class NothingMatchedError extends CommandError {
  override readonly name = "NothingMatchedError";

  constructor(message: string, options: { readonly next?: string } = {}) {
    super(message, { ...options, exitCode: exitCodes.nothingMatched });
  }
}
