import type { Console } from "../../command-line/console.js";
import { asked } from "../../pulumi-engine/asked.js";
import { runEngine } from "../engine/run.js";
import type { DeployedStage } from "../engine/stage.js";
import type { Settled } from "./settlement.js";

/**
 * Lets Pulumi take over, or forget, what an interrupted update had begun: in the stack's state, which is then compared with AWS.
 * `pulumi refresh --import-pending-creates` takes the operations off the list, and no resource over (seen with 3.274).
 */
export async function finishOperations(
  console: Console,
  { name, stack }: DeployedStage,
  settled: readonly Settled[],
): Promise<void> {
  const takenOver = settled.flatMap(({ operation: { resource }, settlement }) =>
    settlement.deed === "import" ? [{ ...resource, id: settlement.id }] : [],
  );
  await asked("recover", name, async () => {
    const state = await stack.exportStack();
    const { resources = [] } = state.deployment;
    await stack.importStack({
      ...state,
      // Whatever they depend on was there before them.
      deployment: { ...state.deployment, resources: [...resources, ...takenOver], pending_operations: [] },
    });
  });
  await runEngine({ command: "recover", stack: name, console, writes: true }, (watching) =>
    stack.refresh(watching),
  );
}
