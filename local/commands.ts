import { inspect, type ParseArgsConfig, parseArgs } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { UserError } from "local-aws";
import { defaultPort } from "./default-port.js";
import { readProgram } from "./program.js";
import { synthesize } from "./synth.js";

/** Where a command writes: the process, or in a test what stands for it. */
export interface Output {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** A wrong use of a command. Its message says how it is used. */
class UsageError extends UserError {}

/** A command of the package's scripts. Resolves to the process's exit code. */
type Command = (args: string[], output: Output) => Promise<number>;

const commands: Readonly<Record<string, Command>> = {
  /** `npm run synth -- <stack> [--file <stage file>]` */
  async synth(args, { stdout }) {
    const { values, positionals } = parse(args, { file: { type: "string" } });
    const [stack, ...rest] = positionals;
    if (stack === undefined || rest.length > 0)
      throw new UsageError("usage: npm run synth -- <stack> [--file <stage file>]");
    const graph = await readProgram({
      stack,
      ...(values.file === undefined ? {} : { stageFile: values.file }),
    });
    stdout.write(`${JSON.stringify(await synthesize(graph), null, 2)}\n`);
    return 0;
  },

  /** `npm start -- [--stack dev] [--port 8787] [--json]` */
  async start(args, { stdout }) {
    const { start } = await import("./start.js");
    const { values, positionals } = parse(args, {
      stack: { type: "string", default: "dev" },
      file: { type: "string" },
      port: { type: "string", default: String(defaultPort) },
      json: { type: "boolean", default: false },
    });
    if (positionals.length > 0)
      throw new UsageError(
        `unexpected argument "${positionals[0]}"; usage: npm start -- [--stack dev] [--port 8787] [--json]`,
      );
    return start({
      stack: values.stack ?? "dev",
      stageFile: values.file,
      port: portNumber(values.port),
      format: values.json === true ? "json" : "text",
      print: linesTo(stdout),
    });
  },

  /** `npm run send -- <source> [--port 8787] [--event <type>] [--body <file>]` */
  async send(args, { stdout, stderr }) {
    const { values, positionals } = parse(args, {
      port: { type: "string", default: String(defaultPort) },
      event: { type: "string" },
      body: { type: "string" },
    });
    const [source, ...rest] = positionals;
    if (source === undefined || rest.length > 0) {
      throw new UsageError("usage: npm run send -- <source> [--port 8787] [--event <type>] [--body <file>]");
    }
    const { send } = await import("./send.js");
    const result = await send({
      source,
      port: portNumber(values.port),
      eventType: values.event,
      bodyFile: values.body,
    });
    stdout.write(`${JSON.stringify(result)}\n`);
    if (result.status >= 200 && result.status < 300) return 0;
    linesTo(stderr)(`the front door answered ${result.status}: ${result.message ?? "no reason given"}`);
    return 1;
  },

  /** `npm run demo` */
  async demo(args, { stdout }) {
    const { demo } = await import("./demo/demo.js");
    const { positionals } = parse(args, {});
    if (positionals.length > 0)
      throw new UsageError(`unexpected argument "${positionals[0]}"; usage: npm run demo`);
    return demo(linesTo(stdout));
  },
};

function linesTo(stream: NodeJS.WritableStream) {
  return (text: string): void => {
    stream.write(`${text}\n`);
  };
}

type Options = NonNullable<ParseArgsConfig["options"]>;

function parse<const T extends Options>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    const [message = ""] = (error as Error).message.split(". ");
    throw new UsageError(
      `${message}${known.length === 0 ? "; there are no options" : ` (options: ${known.join(", ")})`}`,
    );
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`--port must be a whole number from 0 to 65535, got "${text}"`);
  }
  return port;
}

/**
 * Runs a command. A mistake of the user's is one line on standard error, anything else a stack trace for us.
 *
 * @param args the command's name and its arguments
 * @returns the process's exit code: 0 if it is done, 1 if it failed, 2 for a wrong use
 */
export async function runCommand([name = "", ...args]: string[], output: Output): Promise<number> {
  const complain = linesTo(output.stderr);
  const command = commands[name];
  if (command === undefined) {
    complain(`"${name}" is not a command; the commands are ${Object.keys(commands).join(", ")}`);
    return 2;
  }
  try {
    return await command(args, output);
  } catch (error) {
    const forUser = error instanceof UserError || pulumi.RunError.isInstance(error);
    complain(forUser ? (error as Error).message : inspect(error));
    return error instanceof UsageError ? 2 : 1;
  }
}
