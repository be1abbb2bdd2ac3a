import * as pulumi from "@pulumi/pulumi";
import { UserError } from "local-aws";
import { CommandError } from "../command-line/command-error.js";

/**
 * What to tell a person of an error that the person can mend, such as a mistake in the settings. Undefined for a fault of the
 * program, of which the stack trace is told.
 */
export function messageForUser(error: unknown): string | undefined {
  return error instanceof UserError || error instanceof CommandError || pulumi.RunError.isInstance(error)
    ? (error as Error).message
    : undefined;
}
