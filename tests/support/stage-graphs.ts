import type { Graph } from "local-aws";
import { readProgram } from "../../local/program.js";

const graphs = new Map<string, Promise<Graph>>();

/**
 * What a stage of this project registers, read once in a process: to read it again means to bundle its functions again.
 *
 * @param stageFile default: `Pulumi.<stack>.yaml`
 */
export function stageGraph(stack: string, stageFile?: string): Promise<Graph> {
  const key = JSON.stringify([stack, stageFile]);
  const graph = graphs.get(key) ?? readProgram({ stack, ...(stageFile === undefined ? {} : { stageFile }) });
  graphs.set(key, graph);
  return graph;
}
