import { parseArgs } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { readGraph } from "../packages/local-aws/program/graph.js";
import { UserError } from "../packages/local-aws/program/user-error.js";
import { exitWithParent } from "./orphan.js";
import { synthesize } from "./synth.js";

/** A command of the package's scripts; resolves the process's exit code. */
type Command = (args: string[]) => Promise<number>;

const commands: Readonly<Record<string, Command>> = {
  /** `npm run synth -- <stack> [--file <stage file>]` */
  async synth(args) {
    const { values, positionals } = parse(args, { file: { type: "string" } });
    const [stack, ...rest] = positionals;
    if (stack === undefined || rest.length > 0)
      throw new UserError("usage: npm run synth -- <stack> [--file <stage file>]");
    const graph = await readGraph({
      stack,
      ...(values.file === undefined ? {} : { stageFile: values.file }),
    });
    process.stdout.write(`${JSON.stringify(await synthesize(graph), null, 2)}\n`);
    return 0;
  },

  /** `npm start -- [--stack dev] [--port 8787]` */
  async start(args) {
    const { start } = await import("./start.js");
    const { values, positionals } = parse(args, {
      stack: { type: "string", default: "dev" },
      file: { type: "string" },
      port: { type: "string", default: "8787" },
    });
    if (positionals.length > 0)
      throw new UserError(
        `"${positionals[0]}" is not expected; usage: npm start -- [--stack dev] [--port 8787]`,
      );
    return start({
      stack: values.stack ?? "dev",
      stageFile: values.file,
      port: portNumber(values.port ?? "8787"),
    });
  },

  /** `npm run demo` */
  async demo(args) {
    const { demo } = await import("./demo/demo.js");
    const { positionals } = parse(args, {});
    if (positionals.length > 0)
      throw new UserError(`"${positionals[0]}" is not expected; usage: npm run demo`);
    return demo();
  },
};

type Options = Record<string, { type: "string"; default?: string }>;

function parse(args: string[], options: Options) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    const [message = ""] = (error as Error).message.split(". ");
    throw new UserError(
      `${message}${known.length === 0 ? "; there are no options" : ` (options: ${known.join(", ")})`}`,
    );
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UserError(`--port must be a whole number from 0 to 65535, got "${text}"`);
  }
  return port;
}

/** Runs a command; a mistake of the user's is one line, anything else a stack trace for us. */
async function main([name = "", ...args]: string[]): Promise<number> {
  const command = commands[name];
  if (command === undefined) {
    console.error(`"${name}" is no command; there are ${Object.keys(commands).join(", ")}`);
    return 1;
  }
  try {
    return await command(args);
  } catch (error) {
    const forUser = error instanceof UserError || pulumi.RunError.isInstance(error);
    console.error(forUser ? (error as Error).message : error);
    return 1;
  }
}

exitWithParent();
process.exitCode = await main(process.argv.slice(2));
