import { confirmed } from "../../command-line/ask.js";
import { exitCodes } from "../../command-line/exit-code.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { findDrift } from "../drift/find-drift.js";
import { driftAsJson, driftAsText } from "../drift/read-drift.js";
import { runEngine } from "../engine/run.js";
import { openStage, stateOf } from "../engine/stage.js";
import { refuseUnfinished } from "../engine/unfinished.js";
import { type ConfirmOptions, stageCommand } from "./options.js";

/** `refresh`: lets Pulumi know what AWS has. AWS is not changed. */
export const defineRefresh: DefineCommand = (program, action) => {
  stageCommand(program, "refresh", "Let Pulumi's state know what AWS has. Changes nothing in AWS.")
    .option("--yes", "do it without asking")
    .action(
      action(async ({ console }, options: ConfirmOptions) => {
        const stage = await openStage(console, "refresh", options.stack);
        refuseUnfinished(stage.name, await stateOf("refresh", stage));
        const drift = await findDrift(console, "refresh", stage);
        console.data(
          console.json
            ? JSON.stringify({ stage: stage.name, drift: driftAsJson(drift) })
            : driftAsText(drift),
        );
        if (drift.length === 0) return exitCodes.done;
        await confirmed(
          console,
          `Take over into the state of ${stage.name} what AWS has? The next update puts it right all the same`,
          options.yes === true,
        );
        await runEngine({ command: "refresh", stack: stage.name, console, writes: true }, (watching) =>
          stage.stack.refresh(watching),
        );
        console.tell(`the state of ${stage.name} is what AWS has`);
        return exitCodes.done;
      }),
    );
};
