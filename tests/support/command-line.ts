import { PassThrough, Readable, Writable } from "node:stream";
import { type CommandLine, type DefineCommand, runCommand } from "../../command-line/run-command.js";

/** What a command has written, and how it ended. */
export interface RanCommand {
  readonly code: number;
  readonly data: string;
  readonly told: string;
}

export interface Terminal {
  readonly stdin?: string;
  /** Whether a person sits at a terminal. Default: no. */
  readonly isTerminal?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command line made of these commands. */
export async function runCommands(
  commands: readonly DefineCommand[],
  args: readonly string[],
  { stdin = "", isTerminal = false, env = {} }: Terminal = {},
): Promise<RanCommand> {
  const line: CommandLine = { name: "npm run tool --", description: "A tool.", commands };
  const written = { data: "", told: "" };
  const into = (part: keyof typeof written) =>
    Object.assign(
      new Writable({
        write(chunk, _, done) {
          written[part] += String(chunk);
          done();
        },
      }),
      { isTTY: isTerminal },
    );
  const input = stdin === "" ? new PassThrough().end() : Readable.from([stdin]);
  const code = await runCommand(line, args, {
    stdin: Object.assign(input, { isTTY: isTerminal }),
    stdout: into("data"),
    stderr: into("told"),
    env,
  });
  return { code, ...written };
}
