import type { UpOptions } from "@pulumi/pulumi/automation/index.js";
import type { Console } from "../../command-line/console.js";
import { tellProgress } from "./progress.js";
import { runEngine } from "./run.js";
import type { DeployedStage } from "./stage.js";

/** Updates a stage to what the program wants. AWS is asked first what it has, so that drift is put right too. */
export async function update(
  console: Console,
  command: string,
  { name, stack }: DeployedStage,
  options: Pick<UpOptions, "target" | "policyPacks"> = {},
): Promise<void> {
  await runEngine(
    { command, stack: name, console, writes: true, onEvent: tellProgress(console) },
    (watching) => stack.up({ ...watching, ...options, refresh: true }),
  );
}
