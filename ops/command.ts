import type { CommandLine } from "../command-line/run-command.js";
import { defineInspect } from "../inspector/command.js";
import { defineForget } from "./commands/forget.js";
import { defineList } from "./commands/list.js";
import { definePause, defineResume } from "./commands/pause.js";
import { definePolicy } from "./commands/policy.js";
import { defineRedrive } from "./commands/redrive.js";
import { defineReplay } from "./commands/replay.js";
import { defineSecret } from "./commands/secret.js";
import { defineSend } from "./commands/send.js";
import { defineShow } from "./commands/show.js";
import { defineStatus } from "./commands/status.js";
import { defineTail } from "./commands/tail.js";

/** `npm run ops -- <command> --stack <name>` */
export const operatorsCommand: CommandLine = {
  name: "npm run ops --",
  description: "Look at a stage's webhooks, and work on them.",
  commands: [
    defineStatus,
    defineList,
    defineShow,
    defineTail,
    defineInspect,
    defineReplay,
    defineRedrive,
    definePause,
    defineResume,
    defineSecret,
    defineSend,
    defineForget,
    definePolicy,
  ],
};
