import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter } from "node:path";
import type { PulumiCommand, Stack } from "@pulumi/pulumi/automation/index.js";
import { UsageError } from "../command-line/command-error.js";
import { programFolder } from "../local/program-folder.js";
import { engineFolder } from "./engine-binary.js";
import { explainFailure } from "./failure.js";

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
  if (stackName === undefined)
    throw new UsageError("--stack is missing: name the stage, such as --stack dev");
  return asked(command, stackName, async () => {
    const { LocalWorkspace, Stack } = await import("@pulumi/pulumi/automation/index.js");
    const workspace = await LocalWorkspace.create({
      workDir: programFolder,
      pulumiCommand: await engine(),
    });
    // `pulumi stack select` would make it the stack that a plain `pulumi up` then takes.
    workspace.selectStack = async () => {};
    return { name: stackName, stack: await Stack.select(stackName, workspace) };
  });
}

/** Runs a question to the engine, and tells of a failure in a sentence. */
export async function asked<Answer>(
  command: string,
  stack: string,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    throw explainFailure({
      command,
      stack,
      text: textOf(error),
      errors: [],
    });
  }
}

async function engine(): Promise<PulumiCommand> {
  const { PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
  const folder = engineFolder(process.env, wrapperVersion());
  // The engine looks for its language hosts and plugins there as well.
  if (folder !== undefined) process.env.PATH = [folder, process.env.PATH].join(delimiter);
  return PulumiCommand.get();
}

/** Version of npm's package `pulumi`, if it is installed. */
function wrapperVersion(): string | undefined {
  try {
    const file = createRequire(import.meta.url).resolve("pulumi/package.json");
    return JSON.parse(readFileSync(file, "utf8")).version;
  } catch {
    return undefined;
  }
}

/** What a failed command of Pulumi's wrote. Its class keeps both streams in a field that its types hide. */
export function textOf(error: unknown): string {
  const { commandResult } = error as { readonly commandResult?: { readonly stderr: string } };
  return commandResult?.stderr ?? (error instanceof Error ? error.message : String(error));
}
