import { type Graph, readGraph } from "../../packages/local-aws/program/graph.js";

const graphs = new Map<string, Promise<Graph>>();

/**
 * What a stage of this project registers, read once in a process: to read it again means to bundle its functions again.
 *
 * @param stageFile default: `Pulumi.<stack>.yaml`
 */
export function stageGraph(stack: string, stageFile?: string): Promise<Graph> {
  const key = JSON.stringify([stack, stageFile]);
  const graph = graphs.get(key) ?? readGraph({ stack, ...(stageFile === undefined ? {} : { stageFile }) });
  graphs.set(key, graph);
  return graph;
}
