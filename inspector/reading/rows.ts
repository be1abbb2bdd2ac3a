import { eventTypesOf } from "../../ops/history/contents.js";
import type { HistoryReader } from "../../ops/history/read-history.js";
import type { Stage } from "../../ops/stage/stage.js";
import { shownSource } from "../../ops/stage/takers.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import { loadPayload } from "../../runtime/payload/overflow.js";
import type { ListRow } from "../contract.js";

/**
 * Rows of items. The type of an event is read where the payload stands in the table; for a list, no object of the overflow bucket is
 * read.
 */
export async function rowsOf(
  items: readonly HistoryItem[],
  { outputs }: Pick<Stage, "outputs">,
  reader: Pick<HistoryReader, "getAll">,
): Promise<ListRow[]> {
  const typeOf = eventTypesOf(outputs);
  const keepers = [...new Set(items.flatMap(({ payloadOf }) => payloadOf ?? []))];
  const kept = new Map((await reader.getAll(keepers)).map((item) => [item.webhookId, item]));
  return Promise.all(
    items.map(async (item) => {
      const { payload } = (item.payloadOf === undefined ? item : kept.get(item.payloadOf)) ?? {};
      const webhook = payload === undefined ? undefined : await loadPayload({ payload }, undefined);
      return rowOf(item, webhook === undefined ? undefined : typeOf(item, webhook), { outputs });
    }),
  );
}

/** A webhook of the history as a row, as `ops list --json` has it. */
export function rowOf(
  item: HistoryItem,
  type: string | undefined,
  { outputs }: Pick<Stage, "outputs">,
): ListRow {
  const { webhookId, eventId, requestId, receivedAt, status, reason, attempts, finishedAt } = item;
  const { handlerMilliseconds, acceptedAs, replayIds = [] } = item;
  return {
    id: webhookId,
    source: shownSource(outputs, item.source),
    eventId,
    requestId,
    receivedAt,
    outcome: status,
    attempts,
    replays: replayIds.length,
    ...(type === undefined ? {} : { type }),
    ...(reason === undefined ? {} : { reason }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(handlerMilliseconds === undefined ? {} : { handlerMilliseconds }),
    ...(acceptedAs === undefined ? {} : { acceptedAs }),
  };
}
