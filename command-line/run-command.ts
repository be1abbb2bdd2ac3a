import { inspect } from "node:util";
import { Command, CommanderError } from "commander";
import { explainAwsError } from "./aws-error.js";
import { CommandError } from "./command-error.js";
import type { ActionOf, CommandLine } from "./command-line.js";
import { defineCompletion } from "./completion.js";
import { Console, type Streams } from "./console.js";
import { type ExitCode, exitCodes } from "./exit-code.js";

export type { ActionOf, CommandContext, CommandLine, DefineCommand } from "./command-line.js";

/**
 * The program that reads the arguments. Every command has `--json` and `--help`.
 *
 * @param actionOf default: for a program that only tells of itself
 */
export function programOf(
  { name, description, commands }: CommandLine,
  actionOf: ActionOf = () => async () => {},
): Command {
  const program = new Command(name)
    .description(description)
    .configureHelp({ sortSubcommands: false, helpWidth: 100 })
    .showSuggestionAfterError();
  for (const define of [...commands, defineCompletion]) define(program, actionOf);
  for (const command of leavesOf(program)) {
    if (command.options.every(({ long }) => long !== "--json"))
      command.option("--json", "data and errors as JSON");
  }
  return program;
}

/** The commands that do something, in their order: not those that only have others in them. */
export function leavesOf(command: Command): Command[] {
  return command.commands.flatMap((each) => (each.commands.length === 0 ? each : leavesOf(each)));
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
  line: CommandLine,
  args: readonly string[],
  streams: Streams,
): Promise<ExitCode> {
  // Errors of usage come before the options are known.
  const console = new Console(streams, args.includes("--json"));
  let exitCode: ExitCode = exitCodes.done;
  const program = programOf(line, (action) => async (...given) => {
    exitCode = (await action({ console }, ...given)) ?? exitCodes.done;
  });
  let asked = line.name;
  for (const command of [program, ...everyCommandOf(program)]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => console.data(text.replace(/\n$/, "")),
      // What is wrong is told once, below.
      writeErr: () => {},
    });
    if (command !== program) command.showSuggestionAfterError().configureHelp(program.configureHelp());
  }
  for (const name of pathOf(program, args)) asked += ` ${name}`;
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    return complain(error, console, asked);
  }
}

function everyCommandOf(command: Command): Command[] {
  return command.commands.flatMap((each) => [each, ...everyCommandOf(each)]);
}

/** The names of the commands that are asked for: `secret`, `set`. */
function pathOf(program: Command, args: readonly string[]): string[] {
  const path: string[] = [];
  let command = program;
  for (const arg of args) {
    const next = command.commands.find((each) => each.name() === arg);
    if (next === undefined) break;
    path.push(arg);
    command = next;
  }
  return path;
}

function complain(error: unknown, console: Console, name: string): ExitCode {
  if (error instanceof CommanderError) {
    // Help that was asked for is data.
    if (error.exitCode === 0) return exitCodes.done;
    const message = usageMessage(error);
    return tell({ message, next: `${name} --help`, exitCode: exitCodes.wrongUsage }, console);
  }
  const known = error instanceof CommandError ? error : explainAwsError(error);
  if (known !== undefined) return tell(known, console);
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
    details,
    exitCode,
  }: {
    readonly message: string;
    readonly next?: string | undefined;
    readonly details?: string | undefined;
    readonly exitCode: ExitCode;
  },
  console: Console,
): ExitCode {
  if (console.json) {
    console.tell(JSON.stringify({ error: { message, next, details, exitCode } }));
  } else {
    console.tell(message);
    if (next !== undefined) console.tell(`next: ${next}`);
    if (details !== undefined) console.tell(`\n${details}`);
  }
  return exitCode;
}
