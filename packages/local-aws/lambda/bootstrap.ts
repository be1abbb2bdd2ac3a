/**
 * What the Lambda runtime does around a function's code. Runs in a process of its own, loaded by Node itself: only types may
 * be imported from the project here.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { Worker } from "node:worker_threads";
import type { EnvironmentMessage, EnvironmentStart, FunctionError, InvocationMessage } from "./protocol.js";

type Handler = (event: unknown, context: Record<string, unknown>) => unknown;

const {
  taskFolder,
  handler: setting,
  jsonLogLevel,
} = JSON.parse(process.argv[2] ?? "{}") as EnvironmentStart;
// The function sees neither how it is started nor how it talks to its host.
process.argv.splice(2);
let currentRequestId: string | undefined;
const send = process.send?.bind(process);
const tell = (message: EnvironmentMessage, then?: () => void) =>
  void send?.(message, undefined, undefined, () => then?.());

process.on("uncaughtException", (error) => crash(error, 129));
process.on("unhandledRejection", (error) => crash(error, 128));
try {
  if (jsonLogLevel !== undefined) wrapConsole(jsonLogLevel);
  const handler = await loadHandler();
  process.on("message", (invocation: InvocationMessage) => void invoke(handler, invocation));
  tell({ kind: "ready" });
  endWithHost();
} catch (error) {
  tell({ kind: "initError", error: describeError(error) });
}

/** As Lambda's runtime does: the error is told of, and the process ends with a code of its own for each kind. */
function crash(error: unknown, exitCode: number): void {
  tell({ kind: "crashed", error: describeError(error) }, () => process.exit(exitCode));
}

/**
 * Ends this process when its host is gone, which may have been killed. A thread looks, since the function's code may be in an
 * endless loop.
 */
function endWithHost(): void {
  const watch = `setInterval(() => process.ppid === ${process.ppid} || process.kill(process.pid, "SIGKILL"), 1_000);`;
  new Worker(watch, { eval: true, env: {}, execArgv: [] }).unref();
}

async function invoke(handler: Handler, invocation: InvocationMessage): Promise<void> {
  const { requestId, payload, deadline, context } = invocation;
  currentRequestId = requestId;
  try {
    const result = await handler(JSON.parse(payload), {
      ...context,
      awsRequestId: requestId,
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    });
    const json = JSON.stringify(result);
    tell({ kind: "returned", requestId, ...(json === undefined ? {} : { payload: json }) });
  } catch (error) {
    tell({ kind: "threw", requestId, error: describeError(error) });
  }
}

/**
 * Under the JSON log format Lambda's runtime makes each console line a record of its own, so that a metric written through
 * console is no longer found (AWS fact 5.8); what is written to stdout directly stays as it is.
 * docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
function wrapConsole(lowest: string): void {
  const levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
  const methods = { trace: "TRACE", debug: "DEBUG", log: "INFO", info: "INFO", warn: "WARN", error: "ERROR" };
  for (const [method, level] of Object.entries(methods)) {
    const silent = levels.indexOf(level) < levels.indexOf(lowest);
    console[method as keyof typeof methods] = (...values: unknown[]) => {
      if (silent) return;
      const [first] = values;
      const message = values.length === 1 && typeof first === "object" ? first : format(...values);
      const record = { timestamp: new Date().toISOString(), level, requestId: currentRequestId, message };
      process.stdout.write(`${JSON.stringify(record)}\n`);
    };
  }
}

/** `folder/file.export.inner`: module and export as the Node runtime of Lambda finds them. */
async function loadHandler(): Promise<Handler> {
  const [, folder = "", file = "", name = ""] = /^(.*\/)?([^/.]+)\.([^/]+)$/.exec(setting) ?? [];
  const path = ["", ".js", ".mjs", ".cjs"]
    .map((extension) => join(taskFolder, folder, `${file}${extension}`))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw named("Runtime.ImportModuleError", `Error: Cannot find module '${folder}${file}'`);
  }
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  const from = (start: unknown) =>
    name
      .split(".")
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], start);
  const handler = from(module) ?? from(module.default);
  if (typeof handler === "function") return handler as Handler;
  throw named("Runtime.HandlerNotFound", `${setting} is undefined or not exported`);
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function describeError(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  const trace = error.stack?.split("\n");
  return {
    errorType: error.name,
    errorMessage: error.message,
    ...(trace === undefined ? {} : { trace }),
  };
}
