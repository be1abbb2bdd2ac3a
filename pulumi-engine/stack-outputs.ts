import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { asked, type OpenStack } from "./open-stack.js";

const run = promisify(execFile);

/** Outputs are some kilobytes; a stage with many sources has more. */
const mostBytes = 100_000_000;

/** A stack's outputs by name. */
export type StackOutputs = Readonly<Record<string, unknown>>;

/**
 * What a stack tells of itself. Empty if nothing is deployed.
 *
 * @param command what a person asked for, as it is told if this fails
 * @param secrets `masked` has `[secret]` in their place. `clear` has them as they are: never show it
 */
export async function outputsOf(
  command: string,
  { name, stack }: OpenStack,
  secrets: "masked" | "clear",
): Promise<StackOutputs> {
  const clear = secrets === "clear" ? ["--show-secrets"] : [];
  // The Automation API's own `outputs` asks for both, one after the other, and each takes a second.
  const { stdout } = await asked(command, name, () =>
    run("pulumi", ["stack", "output", "--json", ...clear, "--stack", name, "--non-interactive"], {
      cwd: stack.workspace.workDir,
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      maxBuffer: mostBytes,
    }),
  );
  return JSON.parse(stdout);
}
