/**
 * What the Lambda runtime does around a function's code. Runs inside a worker thread, loaded by Node itself: only types may
 * be imported from the project here.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import type { EnvironmentMessage, EnvironmentStart, FunctionError, InvocationMessage } from "./protocol.js";

type Handler = (event: unknown, context: Record<string, unknown>) => unknown;

const { taskFolder, handler: setting, jsonLogLevel } = workerData as EnvironmentStart;
let currentRequestId: string | undefined;
const tell = (message: EnvironmentMessage) => parentPort?.postMessage(message);

try {
  if (jsonLogLevel !== undefined) wrapConsole(jsonLogLevel);
  const handler = await loadHandler();
  parentPort?.on("message", (invocation: InvocationMessage) => void invoke(handler, invocation));
  tell({ kind: "ready" });
} catch (error) {
  tell({ kind: "initError", error: describeError(error) });
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
