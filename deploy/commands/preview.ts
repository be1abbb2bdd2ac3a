import { writeFileSync } from "node:fs";
import { exitCodes } from "../../command-line/exit-code.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { type TrafficOptions, trafficOf, withTraffic } from "../../cost/traffic-options.js";
import { openStage } from "../engine/stage.js";
import { preview } from "../plan/preview.js";
import { planAsJson, planAsMarkdown, planAsText } from "../plan/report.js";
import { type StackOptions, stageCommand } from "./options.js";

interface PreviewOptions extends StackOptions, TrafficOptions {
  readonly expectNoChanges?: boolean;
  readonly markdown?: string;
  readonly policy?: string;
}

/** `preview`: what an update would do, and what that means. */
export const definePreview: DefineCommand = (program, action) => {
  withTraffic(stageCommand(program, "preview", "Say what an update would change, what that means and costs."))
    .option("--expect-no-changes", "end with 5 if there is something to change")
    .option("--markdown <file>", "write it into a file as well, for a pull request")
    .option("--policy <folder>", "run the policy pack in this folder")
    .action(
      action(async ({ console }, options: PreviewOptions) => {
        const traffic = trafficOf(options);
        const stage = await openStage(console, "preview", options.stack);
        const seen = await preview(console, "preview", stage, {
          refresh: false,
          policyPack: options.policy,
          traffic,
        });
        if (options.markdown !== undefined) {
          writeFileSync(options.markdown, planAsMarkdown(stage.name, seen));
        }
        console.data(
          console.json ? JSON.stringify({ stage: stage.name, ...planAsJson(seen) }) : planAsText(seen),
        );
        return options.expectNoChanges === true && seen.plan.changes.length > 0
          ? exitCodes.different
          : exitCodes.done;
      }),
    );
};
