import type { DefineCommand } from "../../command-line/run-command.js";
import { choose } from "../history/choose.js";
import { historyReader } from "../history/read-history.js";
import { timeWindow } from "../history/time-window.js";
import { openStage, type StageOptions } from "../stage/stage.js";

interface ListOptions extends StageOptions {
  readonly since?: string;
  readonly until?: string;
}

/** `list`: the webhooks of a span of time, the newest first. */
export const defineList: DefineCommand = (program, action) => {
  program
    .command("list")
    .description("List webhooks, the newest first.")
    .option("--stack <name>", "the stage")
    .option("--outputs <file>", "the stage's outputs, instead of asking Pulumi for them")
    .option("--since <time>", "a time, or a duration before now; default: 24h")
    .option("--until <time>", "a time, or a duration before now; default: now")
    .action(
      action(async ({ console }, options: ListOptions) => {
        const window = timeWindow(options, Date.now());
        const { outputs, clients } = await openStage(options);
        const reader = historyReader(await clients.dynamoDb(), outputs.historyTable);
        const sources = Object.keys(outputs.operations.sources);
        for await (const item of choose(reader, { window, sources }, async () => undefined)) {
          console.data([new Date(item.receivedAt).toISOString(), item.status, item.webhookId].join("  "));
        }
      }),
    );
};
