import { asked } from "./asked.js";
import { runPulumi } from "./run-pulumi.js";

/** A stack's outputs by name. */
export type StackOutputs = Readonly<Record<string, unknown>>;

/**
 * What a stack tells of itself. Empty if nothing is deployed.
 *
 * It does without the Automation API, which takes half a second to load, and asks for the outputs twice.
 *
 * @param command what a person asked for, as it is told if this fails
 * @param stack the stack's name
 * @param secrets `masked` has `[secret]` in their place. `clear` has them as they are: never show it
 * @throws CommandError if there is no such stack, or it cannot be read
 */
export async function outputsOf(
  command: string,
  stack: string,
  secrets: "masked" | "clear",
): Promise<StackOutputs> {
  const clear = secrets === "clear" ? ["--show-secrets"] : [];
  const answer = await asked(command, stack, () =>
    runPulumi(["stack", "output", "--json", ...clear, "--stack", stack]),
  );
  return JSON.parse(answer);
}
