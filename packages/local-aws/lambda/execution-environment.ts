import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";
import type { EnvironmentMessage, EnvironmentStart, FunctionError, InvocationMessage } from "./protocol.js";

/** How an invocation ended. A payload is JSON; absent where the function returned nothing. */
export type InvocationResult =
  | { readonly kind: "returned"; readonly payload?: string }
  | { readonly kind: "failed"; readonly error: FunctionError }
  /** As many environments as the function may have are busy. */
  | { readonly kind: "throttled" };

export interface ExecutionEnvironmentOptions {
  readonly start: EnvironmentStart;
  /** All that the function's process.env holds. */
  readonly variables: Readonly<Record<string, string>>;
  readonly memoryMegabytes: number;
  readonly onLine: (line: string) => void;
}

/** Longest start of the function's own code, in milliseconds: Lambda gives the init phase 10 seconds. */
const initMilliseconds = 10_000;

/** One worker thread with the function's code loaded, for one invocation at a time. */
export class ExecutionEnvironment {
  /** True once it cannot be used again: crashed, timed out or stopped. */
  dead = false;
  readonly #worker: Worker;
  readonly #linesEnd: Promise<unknown>;
  #settle: ((message: EnvironmentMessage | "gone") => void) | undefined;
  #crash: FunctionError | undefined;

  constructor({ start, variables, memoryMegabytes, onLine }: ExecutionEnvironmentOptions) {
    this.#worker = new Worker(new URL("./bootstrap.ts", import.meta.url), {
      workerData: start,
      env: { ...variables },
      // Nothing of how this process was started (a TypeScript loader, a debugger) belongs into the function's.
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes },
    });
    const lines = [this.#worker.stdout, this.#worker.stderr].map((input) => {
      const reader = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
      reader.on("line", onLine);
      return new Promise((resolve) => reader.once("close", resolve));
    });
    this.#linesEnd = Promise.all(lines);
    this.#worker.on("message", (message: EnvironmentMessage) => this.#settle?.(message));
    this.#worker.on("error", (error: Error & { code?: string }) => {
      this.#crash =
        error.code === "ERR_WORKER_OUT_OF_MEMORY"
          ? { errorType: "Runtime.OutOfMemory", errorMessage: `out of memory at ${memoryMegabytes} MB` }
          : { errorType: error.name, errorMessage: error.message };
    });
    this.#worker.on("exit", () => {
      this.dead = true;
      this.#settle?.("gone");
    });
  }

  /** Waits until the function's module is loaded; undefined when all is well. */
  async started(): Promise<FunctionError | undefined> {
    const message = await this.#next(initMilliseconds);
    if (message === "late") return this.#end(timedOut(initMilliseconds));
    if (message === "gone") return this.#crash ?? exited;
    if (message.kind === "initError") return this.#end(message.error);
    return undefined;
  }

  async invoke(invocation: InvocationMessage): Promise<InvocationResult> {
    const answered = this.#next(invocation.deadline - Date.now());
    const timeoutMilliseconds = invocation.deadline - Date.now();
    this.#worker.postMessage(invocation);
    const message = await answered;
    if (message === "late") return { kind: "failed", error: await this.#end(timedOut(timeoutMilliseconds)) };
    if (message === "gone") return { kind: "failed", error: this.#crash ?? exited };
    if (message.kind === "returned") {
      return { kind: "returned", ...(message.payload === undefined ? {} : { payload: message.payload }) };
    }
    return { kind: "failed", error: message.kind === "threw" ? message.error : exited };
  }

  async stop(): Promise<void> {
    this.dead = true;
    await this.#worker.terminate();
    await this.#linesEnd;
  }

  #next(milliseconds: number): Promise<EnvironmentMessage | "gone" | "late"> {
    if (this.dead) return Promise.resolve("gone");
    return new Promise((resolve) => {
      const timer = setTimeout(() => finish("late"), milliseconds);
      const finish = (message: EnvironmentMessage | "gone" | "late") => {
        clearTimeout(timer);
        this.#settle = undefined;
        resolve(message);
      };
      this.#settle = finish;
    });
  }

  async #end(error: FunctionError): Promise<FunctionError> {
    await this.stop();
    return error;
  }
}

const exited: FunctionError = {
  errorType: "Runtime.ExitError",
  errorMessage: "Runtime exited without providing a reason",
};

function timedOut(milliseconds: number): FunctionError {
  const seconds = (milliseconds / 1000).toFixed(2);
  return { errorType: "Sandbox.Timedout", errorMessage: `Task timed out after ${seconds} seconds` };
}
