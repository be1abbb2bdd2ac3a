import * as pulumi from "@pulumi/pulumi";
import { type Graph, type ReadGraphOptions, readGraph } from "local-aws";
import { programFolder } from "./program-folder.js";

/** What this program registers for a stage; see {@link readGraph}. */
export function readProgram(options: Omit<ReadGraphOptions, "program">): Promise<Graph> {
  return namingStageFile(options, () => readGraph({ ...options, program: programFolder }));
}

/**
 * Names the stage's file in what the program says of its settings. The program itself knows the stack's name only, and names
 * the file that usually belongs to it.
 */
export async function namingStageFile<Result>(
  { stack, stageFile }: Pick<ReadGraphOptions, "stack" | "stageFile">,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (stageFile === undefined || !pulumi.RunError.isInstance(error)) throw error;
    throw new pulumi.RunError(error.message.replace(`Pulumi.${stack}.yaml`, stageFile));
  }
}
