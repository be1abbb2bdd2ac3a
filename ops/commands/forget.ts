import { confirmed } from "../../command-line/ask.js";
import { CommandError, RefusedError } from "../../command-line/command-error.js";
import { printable } from "../../command-line/console.js";
import { counted } from "../../command-line/counted.js";
import { withExamples } from "../../command-line/help.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { timeText } from "../../command-line/times.js";
import { webhookIdOf } from "../../runtime/history/event-id.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import { erasePayload } from "../history/erase-payload.js";
import { openHistory } from "../history/open-history.js";
import { timeWindow } from "../history/time-window.js";
import { lackOf } from "../replay/plan.js";
import { operatorName } from "../stage/operator.js";
import type { StageOutputs } from "../stage/outputs.js";
import { openStage, type StageOptions, titleOf } from "../stage/stage.js";
import { withStageOptions } from "../stage/stage-options.js";
import { takerOf, takersOf } from "../stage/takers.js";

interface ForgetOptions extends StageOptions {
  readonly since?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `forget <id>`: erases what a webhook brought, and keeps that it came. */
export const defineForget: DefineCommand = (program, action) => {
  const command = withStageOptions(program.command("forget"))
    .description("Erase a webhook's payload from the history. How it ended and the body's hash stay.")
    .argument("<id>", "as for show")
    .option("--since <time>", "where to look for the beginning of an id: received since (default: 24h)")
    .option("--yes", "do not ask")
    .action(
      action(async ({ console }, id: string, options: ForgetOptions) => {
        const window = timeWindow(options, Date.now());
        const stage = await openStage(options);
        const history = await openHistory(stage, console);
        const found = await history.find(id, window);
        // Of a subscriber's webhook it is the source's item that has the payload.
        const item = found.payloadOf === undefined ? found : await history.reader.get(found.payloadOf);
        const name = printable((item ?? found).webhookId);
        const hasPayload =
          item?.payload !== undefined ||
          item?.overflow !== undefined ||
          item?.omittedBody?.start !== undefined;
        if (item === undefined || !hasPayload) {
          throw new CommandError(
            `there is nothing to erase of ${name}: ${item === undefined ? "it is gone" : lackOf(item)}`,
          );
        }
        const others = await history.reader.getAll(subscribersIds(item, stage.outputs));
        const open = [item, ...others].filter(({ status }) => status === "processing" || status === "failed");
        if (open.length > 0) {
          const named = open
            .map(({ webhookId, status }) => `${printable(webhookId)} is ${status}`)
            .join(", ");
          throw new RefusedError(
            `${name} is not done, so its bytes are in a queue too, and would be kept again: ${named}`,
            {
              next: "let it end, or redrive it, and then forget it",
            },
          );
        }
        console.tell(titleOf(stage));
        const where =
          item.overflow === undefined ? "from the table" : "from the table and the bucket, with all versions";
        console.tell(
          `erase the payload of ${name}, received ${timeText(item.receivedAt)}, ${item.status}, ${where}`,
        );
        console.tell("  backups of the table keep it until they end; so does everybody who got the webhook");
        await confirmed(console, "Erase it for good?", options.yes === true);
        const webhook = await history.payloadOf(item);
        const { versions } = await erasePayload({ item, webhook, by: operatorName() }, stage);
        if (console.json) console.data(JSON.stringify({ id: item.webhookId, erased: true, versions }));
        else
          console.data(
            `erased ${name}${item.overflow === undefined ? "" : `, ${counted(versions, "version")} in the bucket`}`,
          );
        return undefined;
      }),
    );
  withExamples(command, "npm run ops -- forget stripe/evt_1NG8Du2eZvKYlo2CUI79vXWy --stack prod");
};

function subscribersIds(item: HistoryItem, outputs: StageOutputs): string[] {
  const source = takerOf(outputs, item.source)?.source;
  return takersOf(outputs)
    .filter((taker) => taker.source === source && taker.subscriber !== undefined)
    .map(({ rememberedAs }) => webhookIdOf(rememberedAs, item.eventId));
}
