import type { CommandLine } from "../command-line/run-command.js";
import { defineList } from "./commands/list.js";
import { definePause, defineResume } from "./commands/pause.js";
import { defineSecret } from "./commands/secret.js";

/** `npm run ops -- <command> --stack <name>` */
export const operatorsCommand: CommandLine = {
  name: "npm run ops --",
  description: "Look at a stage's webhooks, and work on them.",
  commands: [defineList, definePause, defineResume, defineSecret],
};
