import { CommandError } from "../../command-line/command-error.js";
import { type HistoryReader, historyReader } from "../../ops/history/read-history.js";
import { post } from "../../ops/send/post.js";
import { sampleFrom, senderFor } from "../../ops/send/sender.js";
import type { Stage } from "../../ops/stage/stage.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import type { Check } from "./check.js";
import { patiently } from "./patiently.js";

/** How long before it is sent a webhook is looked for: this machine's clock may be ahead of AWS's. */
const clockToleranceMilliseconds = 60_000;

/**
 * Sends a signed webhook to the canary's source and waits for its end in the history: the way of every sender's webhook, through
 * gateway, queue, function, secret and table. Nothing else handles it.
 *
 * @param until epoch milliseconds at which it must have been processed
 */
export async function sendCanary(stage: Stage, source: string, until: number): Promise<Check> {
  const what = `canary ${source}`;
  try {
    const sender = await senderFor(stage, source, undefined);
    const since = Date.now() - clockToleranceMilliseconds;
    const taken = await patiently(until, async () => {
      const { status, id, message = "no reason given" } = await post(await sampleFrom(sender, {}));
      return status >= 200 && status < 300 && id !== undefined
        ? { what, result: "passed", text: id }
        : { what, result: "failed", text: `the front door answers ${status}: ${message}` };
    });
    if (taken.result === "failed") return taken;
    const requestId = taken.text;
    const reader = historyReader(await stage.clients.dynamoDb(), stage.outputs.historyTable);
    const rememberedAs = sender.source.rememberedAs ?? source;
    return await patiently(until, async () =>
      endOf(what, await find(reader, rememberedAs, requestId, since)),
    );
  } catch (error) {
    if (error instanceof Error && error.name === "AccessDeniedException") {
      return { what, result: "note", text: `not watched: AWS refused it: ${error.message}` };
    }
    if (!(error instanceof CommandError)) throw error;
    // Without a secret it cannot be signed, as nobody's webhook can.
    return { what, result: "note", text: `not sent: ${error.message}` };
  }
}

async function find(
  reader: HistoryReader,
  source: string,
  requestId: string,
  since: number,
): Promise<HistoryItem | undefined> {
  const window = { from: since, to: Date.now() + clockToleranceMilliseconds };
  for await (const { webhookId } of reader.bySource(source, window)) {
    const item = await reader.get(webhookId);
    if (item?.requestId === requestId) return item;
  }
  return undefined;
}

function endOf(what: string, item: HistoryItem | undefined): Check {
  if (item === undefined) {
    return { what, result: "failed", text: "was taken by the front door, and is not in the history" };
  }
  const { status, receivedAt, finishedAt, reason } = item;
  if (status !== "processed" || finishedAt === undefined) {
    return { what, result: "failed", text: `is ${status}${reason === undefined ? "" : `: ${reason}`}` };
  }
  return {
    what,
    result: "passed",
    text: `processed after ${((finishedAt - receivedAt) / 1_000).toFixed(1)} s`,
  };
}
