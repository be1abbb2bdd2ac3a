import { writeFileSync } from "node:fs";
import { confirmed } from "../../command-line/ask.js";
import { exitCodes } from "../../command-line/exit-code.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { findDrift } from "../drift/find-drift.js";
import { pauseAsJson, pausesOf } from "../drift/pauses.js";
import { driftAsJson, driftAsMarkdown, driftAsText } from "../drift/read-drift.js";
import { openStage, operatedStage, stateOf } from "../engine/stage.js";
import { refuseUnfinished } from "../engine/unfinished.js";
import { update } from "../engine/update.js";
import { refuseLosses } from "../plan/guarded.js";
import { preview } from "../plan/preview.js";
import { planAsText } from "../plan/report.js";
import { type ConfirmOptions, stageCommand, withAllowReplace } from "./options.js";

interface DriftOptions extends ConfirmOptions {
  readonly allowReplace: readonly string[];
  readonly markdown?: string;
  readonly repair?: boolean;
}

/** `drift`: what AWS has otherwise than the program made it. */
export const defineDrift: DefineCommand = (program, action) => {
  withAllowReplace(
    stageCommand(
      program,
      "drift",
      "Say what has been changed in AWS behind the program's back. Ends with 5 if something was.",
    )
      .option("--markdown <file>", "write it into a file as well")
      .option("--repair", "put it right: update what has drifted, and nothing else")
      .option("--yes", "repair without asking"),
  ).action(
    action(async ({ console }, options: DriftOptions) => {
      const stage = await openStage(console, "drift", options.stack);
      const [drift, pauses] = await Promise.all([
        findDrift(console, "drift", stage),
        operatedStage("drift", stage).then((operated) => (operated === undefined ? [] : pausesOf(operated))),
      ]);
      if (options.markdown !== undefined) {
        writeFileSync(options.markdown, driftAsMarkdown(stage.name, drift, pauses));
      }
      console.data(
        console.json
          ? JSON.stringify({
              stage: stage.name,
              drift: driftAsJson(drift),
              paused: pauses.map(pauseAsJson),
            })
          : driftAsText(drift, pauses),
      );
      if (drift.length === 0) return exitCodes.done;
      if (options.repair !== true) return exitCodes.different;

      refuseUnfinished(stage.name, await stateOf("drift", stage));
      const target = drift.map(({ urn }) => urn);
      const seen = await preview(console, "drift", stage, { refresh: true, target });
      console.tell(planAsText(seen));
      refuseLosses(seen.plan, stage.name, options.allowReplace);
      await confirmed(console, `Repair ${stage.name}?`, options.yes === true);
      await update(console, "drift", stage, { target });
      console.tell(`${stage.name} is repaired`);
      return exitCodes.done;
    }),
  );
};
