import type { CommandLine } from "../command-line/run-command.js";
import { defineOutputs } from "./commands/outputs.js";
import { definePreview } from "./commands/preview.js";

/** `npm run deploy -- <command> --stack <name>` */
export const deployersCommand: CommandLine = {
  name: "npm run deploy --",
  description: "Deploy a stage, and look after what is deployed.",
  commands: [definePreview, defineOutputs],
};
