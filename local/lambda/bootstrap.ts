/**
 * What the Lambda runtime does around a function's code. Runs inside a worker thread, loaded by Node itself: only types may
 * be imported from the project here.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import type { EnvironmentMessage, EnvironmentStart, FunctionError, InvocationMessage } from "./protocol.js";

type Handler = (event: unknown, context: Record<string, unknown>) => unknown;

const { taskFolder, handler: setting } = workerData as EnvironmentStart;
const tell = (message: EnvironmentMessage) => parentPort?.postMessage(message);

try {
  const handler = await loadHandler();
  parentPort?.on("message", (invocation: InvocationMessage) => void invoke(handler, invocation));
  tell({ kind: "ready" });
} catch (error) {
  tell({ kind: "initError", error: describeError(error) });
}

async function invoke(handler: Handler, invocation: InvocationMessage): Promise<void> {
  const { requestId, payload, deadline, context } = invocation;
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
