import type { Console } from "../../command-line/console.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import type { Stage } from "../stage/stage.js";
import { type AttemptLog, attemptLogs, logGroupsOf } from "./attempt-logs.js";
import { findWebhook } from "./find-webhook.js";
import { type PayloadReader, payloadReader } from "./payload-reader.js";
import { type HistoryReader, historyReader } from "./read-history.js";
import type { TimeWindow } from "./time-window.js";

/** The history of a stage, and what else is known of its webhooks. */
export interface OpenHistory {
  readonly reader: HistoryReader;
  readonly payloadOf: PayloadReader;
  /** {@link findWebhook} */
  find(id: string, window: TimeWindow): Promise<HistoryItem>;
  /** What the functions logged. Nothing, and a word on standard error, where their logs cannot be read. */
  logsOf(field: "webhook_id" | "request_id", value: string, window: TimeWindow): Promise<AttemptLog[]>;
}

/** @param console is told what cannot be read */
export async function openHistory(stage: Stage, console: Pick<Console, "tell">): Promise<OpenHistory> {
  const { outputs, clients } = stage;
  const reader = historyReader(await clients.dynamoDb(), outputs.historyTable);
  const logsOf: OpenHistory["logsOf"] = async (field, value, window) => {
    try {
      return await attemptLogs(await clients.logs(), logGroupsOf(outputs), { field, value, window });
    } catch (error) {
      const { name, message } = error as Error;
      console.tell(`the functions' logs cannot be read: ${name}: ${message}`);
      return [];
    }
  };
  return {
    reader,
    payloadOf: payloadReader(stage, reader),
    logsOf,
    find: (id, window) =>
      findWebhook(id, {
        reader,
        outputs,
        window,
        async webhookOfRequest(requestId) {
          const lines = await logsOf("request_id", requestId, window);
          const found = lines.map(({ fields }) => fields.webhook_id).find((name) => typeof name === "string");
          return found as string | undefined;
        },
      }),
  };
}
