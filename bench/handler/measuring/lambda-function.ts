import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { SQSEvent } from "aws-lambda";

/** What a function's process says to its parent. */
export type FunctionAnswer =
  | { readonly kind: "ready" }
  | {
      readonly kind: "returned";
      /** From the call of the handler to its end. */
      readonly milliseconds: number;
      /** Ids of the messages that go back to the queue. */
      readonly failures: readonly string[];
    }
  | { readonly kind: "threw"; readonly error: string };

export interface Invocation {
  readonly milliseconds: number;
  readonly failures: readonly string[];
}

/** A bundle loaded in a process of its own, warm, for one event at a time. */
export interface LambdaFunction {
  /** @throws Error with what the handler threw */
  invoke(event: SQSEvent): Promise<Invocation>;
  stop(): Promise<void>;
}

/**
 * Starts a function.
 *
 * @param bundle path of the module that exports `handler`
 * @param variables all that its process.env holds
 */
export async function startFunction(
  bundle: string,
  variables: Readonly<Record<string, string>>,
): Promise<LambdaFunction> {
  const child = fork(fileURLToPath(new URL("./function-runtime.ts", import.meta.url)), [bundle], {
    env: { ...variables },
    // Nothing of how this process was started (a TypeScript loader, a debugger) belongs into the function's.
    execArgv: [],
    // Log lines are written, as they are in Lambda, and read by nobody, who would take CPU from the function.
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
