import type { CommandLine } from "../command-line/run-command.js";
import { defineDestroy } from "./commands/destroy.js";
import { defineDrift } from "./commands/drift.js";
import { defineOutputs } from "./commands/outputs.js";
import { definePreview } from "./commands/preview.js";
import { defineRecover } from "./commands/recover.js";
import { defineRefresh } from "./commands/refresh.js";
import { defineUnlock } from "./commands/unlock.js";
import { defineUp } from "./commands/up.js";

/** `npm run deploy -- <command> --stack <name>` */
export const deployersCommand: CommandLine = {
  name: "npm run deploy --",
  description: "Deploy a stage, and look after what is deployed.",
  commands: [
    definePreview,
    defineUp,
    defineOutputs,
    defineDrift,
    defineRefresh,
    defineDestroy,
    defineUnlock,
    defineRecover,
  ],
};
