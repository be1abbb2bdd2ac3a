import { UsageError } from "../../command-line/command-error.js";
import { withExamples } from "../../command-line/help.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { untilInterrupted } from "../../command-line/until-interrupted.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import { readChoice } from "../history/choice-options.js";
import { Follower } from "../history/follow.js";
import { payloadReader } from "../history/payload-reader.js";
import { historyReader } from "../history/read-history.js";
import { asJson, cells } from "../history/shown.js";
import { openStage, type StageOptions, titleOf } from "../stage/stage.js";
import { withStageOptions } from "../stage/stage-options.js";

interface TailOptions extends StageOptions {
  readonly source?: string;
  readonly subscriber?: string;
  readonly outcome?: readonly string[];
  readonly where?: readonly string[];
  readonly type?: readonly string[];
  readonly text?: readonly string[];
  readonly json?: boolean;
  readonly ndjson?: boolean;
}

/** Between two looks, in milliseconds. A look costs a small read for each source and shard. */
const pauseMilliseconds = 2_000;

/** `tail`: new webhooks, and how they end, until Ctrl-C. */
export const defineTail: DefineCommand = (program, action) => {
  const collect = (value: string, earlier: readonly string[] = []) => [...earlier, value];
  const command = withStageOptions(program.command("tail"))
    .description("Follow new webhooks and how they end, until Ctrl-C.")
    .option("--source <name>", "only webhooks of this source and of its subscribers")
    .option("--subscriber <name>", "only what this subscriber makes of them")
    .option("--outcome <outcome>", "only with this outcome, repeatable", collect)
    .option("--where <place=value>", "only with this value, repeatable: json:order.id=123", collect)
    .option("--type <type>", "only events of this type, repeatable: invoice.*", collect)
    .option("--text <text>", "only with this text in an id, the reason or the body, repeatable", collect)
    .option("--ndjson", "a JSON object in each line, as --json does too")
    .action(
      action(async ({ console }, options: TailOptions) => {
        if (options.json && options.ndjson) {
          throw new UsageError("--json and --ndjson say the same here: leave one out");
        }
        const stage = await openStage(options);
        const choice = readChoice(options, stage.outputs, Date.now());
        const reader = historyReader(await stage.clients.dynamoDb(), stage.outputs.historyTable);
        // Taken before it is told: whoever reads it may send a webhook at once.
        const since = Date.now();
        console.tell(`following ${titleOf(stage)}; Ctrl-C ends it`);
        const follower = new Follower(reader, choice, payloadReader(stage, reader), since);
        const style = console.style.data;
        const write = (item: HistoryItem) => {
          if (options.json || options.ndjson) console.data(JSON.stringify(asJson(item, stage.outputs)));
          else console.data(cells(item, stage.outputs, style).join("  ").trimEnd());
        };
        await untilInterrupted(console, pauseMilliseconds, async () => {
          for (const item of await follower.news(Date.now())) write(item);
        });
        return undefined;
      }),
    );
  withExamples(
    command,
    "npm run ops -- tail --stack prod --source stripe",
    "npm run -s ops -- tail --stack prod --outcome failed --ndjson | jq .reason",
  );
};
