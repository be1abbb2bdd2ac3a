import { explainFailure } from "./failure.js";

/** Runs a question to the engine, and tells of a failure in a sentence. */
export async function asked<Answer>(
  command: string,
  stack: string,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    throw explainFailure({ command, stack, text: textOf(error), errors: [] });
  }
}

/** What a failed command of Pulumi's wrote. The Automation API keeps both streams in a field that its types hide. */
export function textOf(error: unknown): string {
  const { commandResult, stderr } = error as {
    readonly commandResult?: { readonly stderr: string };
    readonly stderr?: string;
  };
  if (commandResult !== undefined) return commandResult.stderr;
  return stderr || (error instanceof Error ? error.message : String(error));
}
