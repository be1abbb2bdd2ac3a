import { text } from "node:stream/consumers";
import { inspect, type ParseArgsConfig, parseArgs } from "node:util";
import { defaultPort } from "./default-port.js";
import { messageForUser } from "./message-for-user.js";
import { readProgram } from "./program.js";
import { synthesize } from "./synth.js";
import { UsageError } from "./usage-error.js";

/** Where a command reads and writes: the process, or in a test what stands for it. */
export interface Streams {
  /** Only for commands that read. Default: nothing to read. */
  readonly stdin?: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** A command of the package's scripts. Resolves to the process's exit code. */
type Command = (args: string[], streams: Streams) => Promise<number>;

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

  /** `npm run policies -- <stack> [--file <stage file>]` */
  async policies(args, { stdout, stderr }) {
    const { values, positionals } = parse(args, { file: { type: "string" } });
    const [stack, ...rest] = positionals;
    if (stack === undefined || rest.length > 0)
      throw new UsageError("usage: npm run policies -- <stack> [--file <stage file>]");
    const { violationsOf } = await import("./policies.js");
    const graph = await readProgram({
      stack,
      ...(values.file === undefined ? {} : { stageFile: values.file }),
    });
    const violations = violationsOf(graph);
    for (const { rule, resource, problem } of violations) {
      linesTo(stdout)(`${rule}: ${resource.type} ${resource.name}: ${problem}`);
    }
    linesTo(stderr)(
      violations.length === 0 ? `the stage ${stack} keeps every policy` : `${violations.length} violations`,
    );
    return violations.length === 0 ? 0 : 1;
  },

  /** `npm start -- [--stack dev] [--port 8787] [--inspector-port <port>] [--open] [--json]` */
  async start(args, { stdout, stderr }) {
    const [{ start }, { inspectorFor }] = await Promise.all([
      import("./start.js"),
      import("../inspector/for-npm-start.js"),
    ]);
    const { values, positionals } = parse(args, {
      stack: { type: "string", default: "dev" },
      file: { type: "string" },
      port: { type: "string", default: String(defaultPort) },
      "inspector-port": { type: "string", default: "0" },
      open: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    });
    if (positionals.length > 0)
      throw new UsageError(
        `unexpected argument "${positionals[0]}"; usage: npm start -- [--stack dev] [--port 8787] [--inspector-port <port>] [--open] [--json]`,
      );
    const inspectorPort = portNumber("--inspector-port", values["inspector-port"]);
    return start({
      stack: values.stack ?? "dev",
      stageFile: values.file,
      port: portNumber("--port", values.port),
      async inspect(running, pipeline) {
        const inspector = await inspectorFor(running, pipeline, inspectorPort);
        if (values.open) {
          const { openAddress } = await import("../inspector/open-address.js");
          const isOpened = await openAddress(inspector.addressForOpening());
          if (!isOpened)
            linesTo(stderr)("there is no program here that opens the page: open its address yourself");
        }
        return inspector;
      },
      format: values.json === true ? "json" : "text",
      print: linesTo(stdout),
    });
  },

  /** `npm run demo` */
  async demo(args, { stdout }) {
    const { demo } = await import("./demo/demo.js");
    const { positionals } = parse(args, {});
    if (positionals.length > 0)
      throw new UsageError(`unexpected argument "${positionals[0]}"; usage: npm run demo`);
    return demo(linesTo(stdout));
  },

  /**
   * `npm run -s filter -- '<pattern>' < webhook.json`, or `--source <name> [--stack dev] [--file <stage file>]` for a pattern.
   * Exit code 0: the webhook fits, 3: it does not, 2: the pattern or the command line is wrong.
   */
  async filter(args, { stdin, stdout }) {
    const { tryFilter } = await import("./filter.js");
    const { values, positionals } = parse(args, {
      source: { type: "string" },
      stack: { type: "string", default: "dev" },
      file: { type: "string" },
      json: { type: "boolean", default: false },
    });
    const [pattern, ...rest] = positionals;
    const { source, stack = "dev", file: stageFile, json } = values;
    const print = linesTo(stdout);
    const tried =
      pattern === undefined
        ? source !== undefined && { source, stack, stageFile }
        : source === undefined && { pattern };
    if (!tried || rest.length > 0 || stdin === undefined || stdin.isTTY) throw new UsageError(filterUsage);
    const { match, why } = tryFilter(tried, await text(stdin));
    if (json === true) print(JSON.stringify({ match, why }));
    else if (match) print(["match", ...why].join("\n  "));
    else print(`no match: ${why.join("; ")}`);
    return match ? 0 : 3;
  },
};

const filterUsage =
  "usage: npm run -s filter -- '<pattern>' < webhook.json, or " +
  "npm run -s filter -- --source <name> [--stack dev] [--file <stage file>] < webhook.json; both take --json";

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

function portNumber(option: string, text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`${option} must be a whole number from 0 to 65535, got "${text}"`);
  }
  return port;
}

/**
 * Runs a command. A mistake of the user's is one line on standard error, anything else a stack trace for us.
 *
 * @param args the command's name and its arguments
 * @returns the process's exit code: 0 if it is done, 1 if it failed, 2 for a wrong use
 */
export async function runCommand([name = "", ...args]: string[], streams: Streams): Promise<number> {
  const complain = linesTo(streams.stderr);
  const command = commands[name];
  if (command === undefined) {
    complain(`"${name}" is not a command; the commands are ${Object.keys(commands).join(", ")}`);
    return 2;
  }
  try {
    return await command(args, streams);
  } catch (error) {
    complain(messageForUser(error) ?? inspect(error));
    return error instanceof UsageError ? 2 : 1;
  }
}
