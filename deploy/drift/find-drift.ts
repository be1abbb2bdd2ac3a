import type { Console } from "../../command-line/console.js";
import { runEngine } from "../engine/run.js";
import type { DeployedStage } from "../engine/stage.js";
import { type Drift, readDrift } from "./read-drift.js";

/** Compares what AWS has with what the program made. Writes nothing, not even what it finds into Pulumi's state. */
export async function findDrift(
  console: Console,
  command: string,
  { name, stack }: DeployedStage,
): Promise<Drift[]> {
  const events = await runEngine({ command, stack: name, console, writes: false }, (watching) =>
    stack.previewRefresh(watching),
  );
  return readDrift(events);
}
