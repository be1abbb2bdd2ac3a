import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { SQSEvent } from "aws-lambda";

/** A message from a function's process to its parent. */
export type FunctionAnswer =
  | { readonly kind: "ready" }
  | {
      readonly kind: "returned";
      /** The time from the handler's call to its end. */
      readonly milliseconds: number;
      /** Ids of the messages that return to the queue. */
      readonly failures: readonly string[];
    }
  | { readonly kind: "threw"; readonly error: string };

export interface Invocation {
  readonly milliseconds: number;
  readonly failures: readonly string[];
}

/** A bundle that is loaded in its own process, warm, for one event at a time. */
export interface LambdaFunction {
  /** @throws Error with the handler's error */
  invoke(event: SQSEvent): Promise<Invocation>;
  stop(): Promise<void>;
}

/**
 * Starts a function.
 *
 * @param bundle path of the module that exports `handler`
 * @param variables the whole process.env of the function
 */
export async function startFunction(
  bundle: string,
  variables: Readonly<Record<string, string>>,
): Promise<LambdaFunction> {
  const child = fork(fileURLToPath(new URL("./function-runtime.ts", import.meta.url)), [bundle], {
    env: { ...variables },
    // The function's process must not inherit how this process was started (a TypeScript loader, a debugger).
    execArgv: [],
    // Log lines are written, as in Lambda, but nobody reads them, because a reader would take CPU time from the
    // function.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await nextAnswer(child);

  return {
    async invoke(event) {
      const answered = nextAnswer(child);
      child.send(event);
      const answer = await answered;
      if (answer.kind === "returned") return answer;
      throw new Error(answer.kind === "threw" ? `the handler threw: ${answer.error}` : "no answer");
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, "exit");
    },
  };
}

function nextAnswer(child: ChildProcess): Promise<FunctionAnswer> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error("the function's process ended"));
    child.once("exit", gone);
    child.once("message", (answer: FunctionAnswer) => {
      child.off("exit", gone);
      resolve(answer);
    });
  });
}
