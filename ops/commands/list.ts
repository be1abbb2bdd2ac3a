import { NothingMatchedError, UsageError } from "../../command-line/command-error.js";
import type { Console } from "../../command-line/console.js";
import { withExamples } from "../../command-line/help.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { table } from "../../command-line/table.js";
import { timeText } from "../../command-line/times.js";
import { wholeNumber } from "../../command-line/whole-number.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import { type ChoiceOptions, readChoice, windowText, withChoice } from "../history/choice-options.js";
import { choose } from "../history/choose.js";
import { payloadReader } from "../history/payload-reader.js";
import { historyReader } from "../history/read-history.js";
import { asJson, cells, columns } from "../history/shown.js";
import { usualHours } from "../history/time-window.js";
import { openStage, type Stage, type StageOptions } from "../stage/stage.js";
import { withStageOptions } from "../stage/stage-options.js";

interface ListOptions extends StageOptions, ChoiceOptions {
  readonly limit: string;
  readonly json?: boolean;
  readonly ndjson?: boolean;
}

/** `list`: the webhooks of a span of time, the newest first. */
export const defineList: DefineCommand = (program, action) => {
  const command = withChoice(withStageOptions(program.command("list")))
    .description("List webhooks, the newest first.")
    .option("--limit <count>", "at most so many", "100")
    .option("--ndjson", "a JSON object in each line")
    .action(
      action(async ({ console }, options: ListOptions) => {
        const { json, ndjson, since } = options;
        if (json && ndjson) throw new UsageError("--json and --ndjson exclude each other: leave one out");
        const limit = wholeNumber("--limit", options.limit);
        const stage = await openStage(options);
        const choice = readChoice(options, stage.outputs, Date.now());
        const reader = historyReader(await stage.clients.dynamoDb(), stage.outputs.historyTable);
        const usual = since === undefined ? `; the last ${usualHours} hours unless --since says more` : "";
        console.tell(`received ${windowText(choice.window)}${usual}`);

        const write = writer(console, stage, options);
        let count = 0;
        let last: HistoryItem | undefined;
        let isCut = false;
        for await (const item of choose(reader, choice, payloadReader(stage, reader))) {
          if (!console.isRead) return undefined;
          if (count === limit) {
            isCut = true;
            break;
          }
          write.item(item);
          count += 1;
          last = item;
        }
        write.end();
        if (count === 0) throw new NothingMatchedError("no webhook matches");
        if (isCut && last !== undefined) {
          const next = timeText(last.receivedAt + 999);
          console.tell(`cut at ${count}: there are older ones. --until ${next} goes on, --limit shows more`);
        }
        return undefined;
      }),
    );
  withExamples(
    command,
    "npm run ops -- list --stack prod --source stripe --outcome failed",
    "npm run ops -- list --stack prod --since 7d --where json:order.id=123",
    "npm run -s ops -- list --stack prod --ndjson | jq .id",
  );
};

/** Rows that share their widths. A longer list is written piece by piece. */
const rowsAtOnce = 100;

function writer(
  console: Console,
  { outputs }: Stage,
  { json, ndjson }: ListOptions,
): { item(item: HistoryItem): void; end(): void } {
  if (ndjson) return { item: (item) => console.data(JSON.stringify(asJson(item, outputs))), end() {} };
  if (json) {
    let start = "[";
    return {
      item(item) {
        console.bytes(`${start}\n${JSON.stringify(asJson(item, outputs))}`);
        start = ",";
      },
      end: () => console.data(start === "[" ? "[]" : "\n]"),
    };
  }
  const style = console.style.data;
  let rows: string[][] = [columns.map(style.bold)];
  const flush = () => {
    if (rows.length > 0) console.data(table(rows));
    rows = [];
  };
  return {
    item(item) {
      rows.push(cells(item, outputs, style));
      if (rows.length >= rowsAtOnce) flush();
    },
    end: () => {
      if (rows.length > 1 || rows[0]?.[0] !== style.bold(columns[0])) flush();
    },
  };
}
