import { writeFileSync } from "node:fs";
import { exitCodes } from "../../command-line/exit-code.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { openStage } from "../engine/stage.js";
import { preview } from "../plan/preview.js";
import { planAsJson, planAsMarkdown, planAsText } from "../plan/report.js";
import { type StackOptions, stageCommand } from "./options.js";

interface PreviewOptions extends StackOptions {
  readonly expectNoChanges?: boolean;
  readonly markdown?: string;
  readonly policy?: string;
}

/** `preview`: what an update would do, and what that means. */
export const definePreview: DefineCommand = (program, action) => {
  stageCommand(program, "preview", "Say what an update would change, and what that means.")
    .option("--expect-no-changes", "end with 5 if there is something to change")
    .option("--markdown <file>", "write it into a file as well, for a pull request")
    .option("--policy <folder>", "run the policy pack in this folder")
    .action(
      action(async ({ console }, options: PreviewOptions) => {
        const stage = await openStage(console, "preview", options.stack);
        const { plan, notices } = await preview(console, "preview", stage, {
          refresh: false,
          policyPack: options.policy,
        });
        if (options.markdown !== undefined) {
          writeFileSync(options.markdown, planAsMarkdown(stage.name, plan, notices));
        }
        console.data(
          console.json
            ? JSON.stringify({ stage: stage.name, ...planAsJson(plan, notices) })
            : planAsText(plan, notices),
        );
        return options.expectNoChanges === true && plan.changes.length > 0
          ? exitCodes.different
          : exitCodes.done;
      }),
    );
};
