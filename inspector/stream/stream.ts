import { isChosen } from "../../ops/history/choose.js";
import { payloadReader } from "../../ops/history/payload-reader.js";
import { historyReader } from "../../ops/history/read-history.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import { heartbeatSeconds, type StreamEvents, type StreamRequest } from "../contract.js";
import type { Inspected } from "../inspected.js";
import { choiceOf } from "../reading/choice.js";
import { rowsOf } from "../reading/rows.js";
import { errorOf } from "../refusal.js";
import { Wake } from "./wake.js";

/** Sends an event. Resolves when there is room for the next one. */
export type SendEvent = <Name extends keyof StreamEvents>(
  name: Name,
  data: StreamEvents[Name],
  id?: string,
) => Promise<void>;

/**
 * Tells of what changes, until the signal.
 *
 * @param lastEventId where to go on; absent: from now on
 * @throws UsageError for a filter that is wrong, before anything is sent
 */
export async function stream(
  inspected: Inspected,
  { filter }: StreamRequest,
  { send, lastEventId, signal }: { send: SendEvent; lastEventId: string | undefined; signal: AbortSignal },
): Promise<void> {
  const { stage, feed, pipeline, actions } = inspected;
  const choice = choiceOf(filter, stage.outputs, Date.now());
  const reader = historyReader(await stage.clients.dynamoDb(), stage.outputs.historyTable);
  const payloadOf = payloadReader(stage, reader);
  const wake = new Wake();
  const call = () => wake.call();
  const stops = [feed.listen(call), pipeline.listen(call), actions.listen(call)];
  signal.addEventListener("abort", call, { once: true });
  const told = { figuresAt: 0, actions: actions.changes, heartbeatAt: 0, isTroubled: false };

  const heartbeat = async () => {
    const { readAt, problem } = feed.state;
    told.heartbeatAt = Date.now();
    told.isTroubled = problem !== undefined;
    await send("heartbeat", {
      at: told.heartbeatAt,
      ...(readAt === undefined ? {} : { readAt }),
      ...(problem === undefined ? {} : { problem: errorOf(problem) }),
    });
  };
  try {
    await heartbeat();
    let position = await begin(inspected, lastEventId, send);
    while (!signal.aborted) {
      const { changes, position: next, isMore } = await feed.since(position);
      if (changes.length > 0) {
        const rows: HistoryItem[] = [];
        const gone: string[] = [];
        for (const { item } of changes) {
          if (await isChosen(item, choice, payloadOf)) rows.push(item);
          else gone.push(item.webhookId);
        }
        const data = { rows: await rowsOf(rows, stage, reader), gone, isCatchingUp: isMore };
        await send("webhooks", data, feed.cursorAt(next));
        told.heartbeatAt = Date.now();
      }
      position = next;
      if (isMore) continue;

      const { figures } = pipeline;
      if (figures !== undefined && figures.at !== told.figuresAt) {
        told.figuresAt = figures.at;
        await send("pipeline", figures);
      }
      const after = actions.changedSince(told.actions);
      told.actions = actions.changes;
      for (const state of after) await send("action", state);

      const isTroubled = feed.state.problem !== undefined;
      const silence = Date.now() - told.heartbeatAt;
      if (isTroubled !== told.isTroubled || silence >= heartbeatSeconds * 1000) await heartbeat();
      await wake.sleep(Math.max(0, told.heartbeatAt + heartbeatSeconds * 1000 - Date.now()));
    }
  } finally {
    for (const stop of stops) stop();
  }
}

/** Where the stream begins. Whoever has missed more than is remembered is told to read the list again. */
async function begin({ feed }: Inspected, lastEventId: string | undefined, send: SendEvent): Promise<number> {
  const known = lastEventId === undefined ? undefined : feed.positionOf(lastEventId);
  if (known !== undefined) return known;
  const cursor = await feed.cursor();
  if (lastEventId !== undefined) await send("reset", { cursor }, cursor);
  return feed.positionOf(cursor) ?? 0;
}
