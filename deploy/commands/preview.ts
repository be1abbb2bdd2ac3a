import { writeFileSync } from "node:fs";
import { exitCodes } from "../../command-line/exit-code.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { type TrafficOptions, trafficOf, withTraffic } from "../../cost/traffic-options.js";
import { openStack } from "../../pulumi-engine/open-stack.js";
import { allOf } from "../engine/all-of.js";
import { placeOf, stageAt } from "../engine/stage.js";
import { explained, type PreviewOptions, planOf } from "../plan/preview.js";
import { planAsJson, planAsMarkdown, planAsText } from "../plan/report.js";
import { type StackOptions, stageCommand } from "./options.js";

interface PreviewCommandOptions extends StackOptions, TrafficOptions {
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
      action(async ({ console }, options: PreviewCommandOptions) => {
        const asked: PreviewOptions = {
          refresh: false,
          policyPack: options.policy,
          traffic: trafficOf(options),
        };
        const place = await placeOf(await openStack("preview", options.stack));
        const stopped = new AbortController();
        // The engine need not wait until it is known whose account it is, because nothing is written.
        const [stage, plan] = await allOf([
          stageAt(console, "preview", place).catch((error) => {
            stopped.abort();
            throw error;
          }),
          planOf(console, "preview", place, asked, stopped.signal),
        ]);
        const seen = await explained(plan, stage, asked);
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
