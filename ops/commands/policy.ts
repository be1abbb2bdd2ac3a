import { withExamples } from "../../command-line/help.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { operatorPolicy } from "../policy/operator-policy.js";
import { openStage, type StageOptions, titleOf } from "../stage/stage.js";
import { withStageOptions } from "../stage/stage-options.js";

interface PolicyOptions extends StageOptions {
  readonly readOnly?: boolean;
}

/** `policy`: what an operator has to be allowed. */
export const definePolicy: DefineCommand = (program, action) => {
  const command = withStageOptions(program.command("policy"))
    .description(
      "Print the IAM policy that an operator of the stage needs for these commands, and nothing more.",
    )
    .option("--read-only", "only for the commands that show")
    .action(
      action(async ({ console }, options: PolicyOptions) => {
        const stage = await openStage(options);
        console.tell(titleOf(stage));
        console.data(JSON.stringify(operatorPolicy(stage, options.readOnly ?? false), null, 2));
        return undefined;
      }),
    );
  withExamples(
    command,
    "npm run -s ops -- policy --stack prod > operator.json",
    "npm run -s ops -- policy --read-only --stack prod > support.json",
  );
};
