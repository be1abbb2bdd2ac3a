import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Graph, type ReadGraphOptions, readGraph } from "local-aws";

/** Folder of this Pulumi program: `index.ts`, `Pulumi.yaml` and the stage files. */
export const programFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** What this program registers for a stage; see {@link readGraph}. */
export function readProgram(options: Omit<ReadGraphOptions, "program">): Promise<Graph> {
  return readGraph({ ...options, program: programFolder });
}
