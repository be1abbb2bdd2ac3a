import type { Command } from "commander";
import type { Console } from "./console.js";
import type { ExitCode } from "./exit-code.js";

/** What every command is given. */
export interface CommandContext {
  readonly console: Console;
}

/** Adds a command to the program. Its action ends with an exit code, or with nothing if it is done. */
export type DefineCommand = (program: Command, action: ActionOf) => void;

/** Wraps a command's action so that it is run with the context. */
export type ActionOf = <Args extends unknown[]>(
  action: (context: CommandContext, ...args: Args) => Promise<ExitCode | undefined>,
) => (...args: Args) => Promise<void>;

/** A command with commands of its own, such as `npm run ops -- list`. */
export interface CommandLine {
  /** What a person types: `npm run ops --`. */
  readonly name: string;
  readonly description: string;
  readonly commands: readonly DefineCommand[];
}
