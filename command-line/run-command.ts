import { inspect } from "node:util";
import { Command, CommanderError } from "commander";
import { CommandError } from "./command-error.js";
import { Console, type Streams } from "./console.js";
import { type ExitCode, exitCodes } from "./exit-code.js";

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

/**
 * Runs a command.
 *
 * - What a person can mend (CommandError) is told in a sentence, anything else with a stack trace.
 * - With `--json` an error is a JSON object on standard error: `{"error":{"message":"…","next":"…","exitCode":2}}`.
 *
 * @param args the command's name and its arguments
 * @returns the process's exit code
 */
export async function runCommand(
  { name, description, commands }: CommandLine,
  args: readonly string[],
  streams: Streams,
): Promise<ExitCode> {
  // Errors of usage come before the options are known.
  const console = new Console(streams, args.includes("--json"));
  let exitCode: ExitCode = exitCodes.done;
  const program = new Command(name)
    .description(description)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => console.data(text.replace(/\n$/, "")),
      // What is wrong is told once, below.
      writeErr: () => {},
    })
    .configureHelp({ sortSubcommands: false, helpWidth: 100 })
    .showSuggestionAfterError();
  const actionOf: ActionOf =
    (action) =>
    async (...given) => {
      exitCode = (await action({ console }, ...given)) ?? exitCodes.done;
    };
  for (const define of commands) define(program, actionOf);
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    return complain(error, console, name);
  }
}

function complain(error: unknown, console: Console, name: string): ExitCode {
  if (error instanceof CommanderError) {
    // Help that was asked for is data.
    if (error.exitCode === 0) return exitCodes.done;
    const message = usageMessage(error);
    return tell({ message, next: `${name} --help`, exitCode: exitCodes.wrongUsage }, console);
  }
  if (error instanceof CommandError) return tell(error, console);
  const message = console.json && error instanceof Error ? error.message : inspect(error);
  return tell({ message, exitCode: exitCodes.failed }, console);
}

function usageMessage({ code, message }: CommanderError): string {
  if (code === "commander.help") return "a command is missing";
  return message.replace(/^error: /, "").replaceAll("\n", " ");
}

function tell(
  {
    message,
    next,
    exitCode,
  }: { readonly message: string; readonly next?: string | undefined; readonly exitCode: ExitCode },
  console: Console,
): ExitCode {
  if (console.json) {
    console.tell(JSON.stringify({ error: { message, ...(next === undefined ? {} : { next }), exitCode } }));
  } else {
    console.tell(message);
    if (next !== undefined) console.tell(`next: ${next}`);
  }
  return exitCode;
}
