import { confirmed } from "../../command-line/ask.js";
import { CommandError } from "../../command-line/command-error.js";
import { exitCodes } from "../../command-line/exit-code.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { type TrafficOptions, trafficOf, withTraffic } from "../../cost/traffic-options.js";
import { openStage, operatedStage, stateOf } from "../engine/stage.js";
import { checkTypes } from "../engine/type-check.js";
import { refuseUnfinished } from "../engine/unfinished.js";
import { update } from "../engine/update.js";
import { refuseLosses } from "../plan/guarded.js";
import { preview } from "../plan/preview.js";
import { planAsJson, planAsText } from "../plan/report.js";
import { type ConfirmOptions, stageCommand, withAllowReplace } from "./options.js";

interface UpOptions extends ConfirmOptions, TrafficOptions {
  readonly allowReplace: readonly string[];
  readonly policy?: string;
}

/** `up`: deploys a stage, and looks whether it receives. */
export const defineUp: DefineCommand = (program, action) => {
  const command = stageCommand(
    program,
    "up",
    "Check types, preview, ask, update, and look whether the stage receives.",
  )
    .option("--yes", "do it without asking")
    .option("--policy <folder>", "run the policy pack in this folder");
  withTraffic(withAllowReplace(command)).action(
    action(async ({ console }, options: UpOptions) => {
      const traffic = trafficOf(options);
      const stage = await openStage(console, "up", options.stack);
      refuseUnfinished(stage.name, await stateOf("up", stage));
      console.tell("checking types");
      await checkTypes();
      console.tell("previewing");
      const seen = await preview(console, "up", stage, {
        refresh: true,
        policyPack: options.policy,
        traffic,
      });
      const { plan } = seen;
      if (!console.json) console.data(planAsText(seen));
      refuseLosses(plan, stage.name, options.allowReplace);
      if (plan.changes.length > 0) {
        await confirmed(console, `Update ${stage.name}?`, options.yes === true);
        await update(console, "up", stage, {
          ...(options.policy === undefined ? {} : { policyPacks: [options.policy] }),
        });
      }
      const operated = await operatedStage("up", stage);
      if (operated === undefined) throw new CommandError(`${stage.name} has no outputs after the update`);
      // It knows how every provider signs. The commands that send nothing need not wait until that is loaded.
      const { checksAsText, smokeTest } = await import("../smoke/smoke-test.js");
      const checks = await smokeTest(operated, { emulator: process.env.AWS_ENDPOINT_URL });
      console.data(
        console.json
          ? JSON.stringify({ stage: stage.name, ...planAsJson(seen), smokeTest: checks })
          : checksAsText(checks),
      );
      if (checks.some(({ result }) => result === "failed")) {
        throw new CommandError(`${stage.name} is deployed, but does not receive as it should`, {
          next: "look at what failed in the smoke test above",
        });
      }
      return exitCodes.done;
    }),
  );
};
