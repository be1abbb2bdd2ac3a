import { confirmed } from "../../command-line/ask.js";
import { NothingMatchedError } from "../../command-line/command-error.js";
import { exitCodes } from "../../command-line/exit-code.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { openStage, stateOf } from "../engine/stage.js";
import { finishOperations } from "../recover/finish.js";
import { lookUp } from "../recover/look-up.js";
import { settle, settledText } from "../recover/settlement.js";
import { type ConfirmOptions, stageCommand } from "./options.js";

interface RecoverOptions extends ConfirmOptions {
  readonly import: readonly string[];
  readonly drop: readonly string[];
}

/** `recover`: settles what an interrupted update has left unfinished. */
export const defineRecover: DefineCommand = (program, action) => {
  const several = (value: string, values: readonly string[]) => [...values, value];
  stageCommand(
    program,
    "recover",
    "Settle what an interrupted update has left unfinished, before the next one forgets it.",
  )
    .option("--import <name=id>", "take this resource over, with its id in AWS", several, [])
    .option("--drop <name>", "forget this one, whatever AWS has", several, [])
    .option("--yes", "do it without asking")
    .action(
      action(async ({ console }, options: RecoverOptions) => {
        const stage = await openStage(console, "recover", options.stack);
        const { pendingOperations } = await stateOf("recover", stage);
        if (pendingOperations.length === 0) {
          throw new NothingMatchedError(`no operation of ${stage.name} is unfinished`);
        }
        const looked = await Promise.all(
          pendingOperations.map(async (operation) => ({
            operation,
            found: await lookUp(operation, stage.clients),
          })),
        );
        const settled = settle(looked, options);
        console.data(
          console.json
            ? JSON.stringify({
                stage: stage.name,
                operations: settled.map(({ operation: { type, resource }, found, settlement }) => ({
                  type,
                  urn: resource.urn,
                  found,
                  settlement,
                })),
              })
            : settled.map(settledText).join("\n"),
        );
        await confirmed(console, `Settle these of ${stage.name}?`, options.yes === true);
        await finishOperations(console, stage, settled);
        console.tell(`settled. npm run deploy -- up --stack ${stage.name} goes on`);
        return exitCodes.done;
      }),
    );
};
