import { NothingMatchedError } from "../../command-line/command-error.js";
import { exitCodes } from "../../command-line/exit-code.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { named } from "../../pulumi-engine/open-stack.js";
import { outputsOf } from "../../pulumi-engine/stack-outputs.js";
import { type StackOptions, stageCommand } from "./options.js";

/** `outputs`: what the stage tells of itself. Secrets are masked. */
export const defineOutputs: DefineCommand = (program, action) => {
  stageCommand(program, "outputs", "Print the stage's outputs, secrets masked.").action(
    action(async ({ console }, options: StackOptions) => {
      const stack = named(options.stack);
      const outputs = await outputsOf("outputs", stack, "masked");
      if (Object.keys(outputs).length === 0) {
        throw new NothingMatchedError(`the stack ${stack} has no outputs: nothing is deployed`, {
          next: `npm run deploy -- up --stack ${stack}`,
        });
      }
      console.data(console.json ? JSON.stringify(outputs) : JSON.stringify(outputs, undefined, 2));
      return exitCodes.done;
    }),
  );
};
