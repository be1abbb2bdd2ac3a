import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { EnvironmentMessage, EnvironmentStart, FunctionError, InvocationMessage } from "./protocol.js";

/** How an invocation ended. A payload is JSON. It is absent if the function returned nothing. */
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

/** What V8 writes when a heap is full, before it aborts the process. */
const outOfMemory = /JavaScript heap out of memory/;

/**
 * One process with the function's code loaded, for one invocation at a time. It is no worker thread, because V8 aborts the
 * whole process of a thread whose heap is full.
 */
export class ExecutionEnvironment {
  /** True once it cannot be used again: crashed, timed out or stopped. */
  dead = false;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #settle: ((message: EnvironmentMessage | "gone") => void) | undefined;
  #crash: FunctionError | undefined;

  constructor({ start, variables, memoryMegabytes, onLine }: ExecutionEnvironmentOptions) {
    this.#process = fork(fileURLToPath(new URL("./bootstrap.ts", import.meta.url)), [JSON.stringify(start)], {
      cwd: start.taskFolder,
      env: { ...variables },
      // Nothing of how this process was started (a TypeScript loader, a debugger) belongs into the function's.
      execArgv: heapOptions(memoryMegabytes),
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
      // A group of its own: Ctrl-C at the terminal is for this process, which then stops the function.
      detached: true,
    });
    living.add(this.#process);
    const readLine = (line: string) => {
      if (outOfMemory.test(line)) {
        this.#crash = {
          errorType: "Runtime.OutOfMemory",
          errorMessage: `out of memory at ${memoryMegabytes} MB`,
        };
      }
      onLine(line);
    };
    const { stdout, stderr } = this.#process;
    const lines = [stdout, stderr].flatMap((input) => {
      if (input === null) return [];
      const reader = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
      reader.on("line", readLine);
      return once(reader, "close");
    });
    this.#process.on("message", (message: EnvironmentMessage) => {
      if (message.kind === "crashed") this.#crash = message.error;
      else this.#settle?.(message);
    });
    // It also ends if it cannot be started, but then has no exit.
    this.#process.on("error", () => this.#gone());
    this.#ended = Promise.all([once(this.#process, "close"), ...lines]).catch(() => {});
    this.#process.on("exit", (code, signal) => {
      // What it wrote last says why.
      void this.#ended.then(() => {
        this.#crash ??= exited(code, signal);
        this.#gone();
      });
    });
  }

  /** Waits until the function's module is loaded. Resolves to the error if it cannot be. */
  async started(): Promise<FunctionError | undefined> {
    const message = await this.#next(initMilliseconds);
    if (message === "late") return this.#end(timedOut(initMilliseconds));
    if (message === "gone") return this.#crash ?? exited(null, null);
    if (message.kind === "initError") return this.#end(message.error);
    return undefined;
  }

  async invoke(invocation: InvocationMessage): Promise<InvocationResult> {
    const answered = this.#next(invocation.deadline - Date.now());
    const timeoutMilliseconds = invocation.deadline - Date.now();
    // A process that is gone is told of by its exit.
    this.#process.send(invocation, () => {});
    const message = await answered;
    if (message === "late") return { kind: "failed", error: await this.#end(timedOut(timeoutMilliseconds)) };
    if (message === "gone") return { kind: "failed", error: this.#crash ?? exited(null, null) };
    if (message.kind === "returned") {
      return { kind: "returned", ...(message.payload === undefined ? {} : { payload: message.payload }) };
    }
    return { kind: "failed", error: message.kind === "threw" ? message.error : exited(null, null) };
  }

  async stop(): Promise<void> {
    this.kill();
    await this.#ended;
  }

  /** Ends the process at once, whatever it is at. */
  kill(): void {
    this.dead = true;
    kill(this.#process);
  }

  #gone(): void {
    this.dead = true;
    living.delete(this.#process);
    this.#settle?.("gone");
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

/** Processes that have not ended. They must not outlive this one. */
const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of living) kill(child);
});

/** Ends a process and those that it has started. */
/**
 * V8's limits as Lambda's own runtime sets them (AWS fact 4.19). With a limit for the old generation alone the young one grows until
 * both together pass that limit, and from then on V8 collects the whole heap over and over.
 */
function heapOptions(memoryMegabytes: number): string[] {
  const young = Math.floor(memoryMegabytes / 10);
  return [
    `--max-semi-space-size=${Math.floor(young / 2)}`,
    `--max-old-space-size=${memoryMegabytes - young}`,
  ];
}

function kill(child: ChildProcess): void {
  try {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, "SIGKILL");
    }
  } catch {
    // Windows has no groups of processes.
    child.kill("SIGKILL");
  }
}

/** In Lambda's own words. */
function exited(code: number | null, signal: NodeJS.Signals | null): FunctionError {
  const words = { SIGKILL: "killed", SIGABRT: "aborted", SIGSEGV: "segmentation fault" } as Record<
    string,
    string
  >;
  const how = signal === null ? `exit status ${code}` : `signal: ${words[signal] ?? signal}`;
  return {
    errorType: "Runtime.ExitError",
    errorMessage:
      signal === null && !code
        ? "Runtime exited without providing a reason"
        : `Runtime exited with error: ${how}`,
  };
}

function timedOut(milliseconds: number): FunctionError {
  const seconds = (milliseconds / 1000).toFixed(2);
  return { errorType: "Sandbox.Timedout", errorMessage: `Task timed out after ${seconds} seconds` };
}
