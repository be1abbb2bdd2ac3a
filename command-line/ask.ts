import { RefusedError } from "./command-error.js";
import type { Console } from "./console.js";

/**
 * Asks whether to go on, after the plan was shown.
 *
 * @param yes the person has said so in advance, with `--yes`
 * @throws RefusedError if the answer is no, or if nobody can be asked and `--yes` is missing
 */
export async function confirmed(console: Console, question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!console.isInteractive) {
    throw new RefusedError("nothing was done: there is no terminal to ask at", {
      next: "look at the plan above, and add --yes",
    });
  }
  const { default: confirm } = await import("@inquirer/confirm");
  const { stdin, stderr } = console.streams;
  const answer = await untilClosed(
    confirm({ message: question, default: false }, { input: stdin, output: stderr }),
  );
  if (answer !== true) throw new RefusedError("nothing was done: the answer was no");
}

/**
 * Asks for a secret. What is typed is not shown.
 *
 * @throws RefusedError if nobody can be asked
 */
export async function askForSecret(console: Console, question: string): Promise<string> {
  if (!console.isInteractive) {
    throw new RefusedError("there is no terminal to ask for the secret at", {
      next: "write it to standard input",
    });
  }
  const { default: password } = await import("@inquirer/password");
  const { stdin, stderr } = console.streams;
  const answer = await untilClosed(password({ message: question }, { input: stdin, output: stderr }));
  if (answer === undefined) throw new RefusedError("nothing was done: the question was left");
  return answer;
}

/** An answer, or undefined if the person pressed Ctrl-C or closed the input. */
async function untilClosed<Answer>(question: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await question;
  } catch (error) {
    if ((error as Error).name === "ExitPromptError") return undefined;
    throw error;
  }
}
