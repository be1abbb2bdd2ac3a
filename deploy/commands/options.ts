import type { Command } from "commander";

/** What every command is told. */
export interface StackOptions {
  readonly stack?: string;
}

/** What a command is told that asks before it writes. */
export interface ConfirmOptions extends StackOptions {
  readonly yes?: boolean;
}

/** A command about one stage. */
export function stageCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option("--stack <name>", "the stage")
    .option("--json", "data and errors as JSON");
}

/** Adds an option that may be given several times. */
export function withAllowReplace(command: Command): Command {
  return command.option(
    "--allow-replace <name>",
    "let this resource be replaced or deleted, whatever is in it; once for each",
    (name: string, names: readonly string[]) => [...names, name],
    [] as readonly string[],
  );
}
