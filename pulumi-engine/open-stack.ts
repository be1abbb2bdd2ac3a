import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { UsageError } from "../command-line/command-error.js";
import { programFolder } from "../local/program-folder.js";
import { asked } from "./asked.js";
import { putEngineOnPath } from "./run-pulumi.js";

/** A stack in Pulumi's backend. */
export interface OpenStack {
  readonly name: string;
  readonly stack: Stack;
}

/**
 * A stack by its name. Nobody is asked yet: the first question says whether it exists. Never makes one.
 *
 * @throws UsageError without a name
 */
export async function openStack(command: string, stackName: string | undefined): Promise<OpenStack> {
  const name = named(stackName);
  return asked(command, name, async () => {
    const { LocalWorkspace, PulumiCommand, Stack } = await import("@pulumi/pulumi/automation/index.js");
    putEngineOnPath();
    const workspace = await LocalWorkspace.create({
      workDir: programFolder,
      pulumiCommand: await PulumiCommand.get(),
    });
    // `pulumi stack select` would make it the stack that a plain `pulumi up` then takes.
    workspace.selectStack = async () => {};
    return { name, stack: await Stack.select(name, workspace) };
  });
}

/** @throws UsageError without a name */
export function named(stackName: string | undefined): string {
  if (stackName !== undefined) return stackName;
  throw new UsageError("--stack is missing: name the stage, such as --stack dev");
}
