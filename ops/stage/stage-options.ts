import type { Command } from "commander";
import { localStage } from "./stage.js";

/** Adds the options by which a command is told its stage: {@link StageOptions}. */
export function withStageOptions(command: Command): Command {
  return command
    .option(
      "--stack <name>",
      `the stage; ${localStage} is what npm start runs, ${localStage}:<port> if several run`,
    )
    .option("--outputs <file>", "the stage's outputs, as pulumi stack output --json writes them");
}
