import type { Envelope } from "../envelope/envelope.js";
import type { ReplayReference } from "../envelope/replay-reference.js";
import { loadPayload, type OverflowStore } from "../payload/overflow.js";
import type { Recall } from "./accepted-before.js";

/**
 * The webhook that a replay's message refers to, as the message would carry it if it had room.
 *
 * @throws Error if the history does not keep it (any more). The replay has to wait, and finally is a dead letter
 */
export async function loadReplay(
  { webhookId, replayId, replayFor }: ReplayReference,
  {
    recall,
    overflow,
  }: { readonly recall?: Recall; readonly overflow?: Pick<OverflowStore, "get"> | undefined },
): Promise<Envelope> {
  const item = await recall?.(webhookId);
  const kept = item === undefined ? undefined : await loadPayload(item, overflow, recall);
  if (kept === undefined) {
    throw new Error(`the replay is of ${webhookId}, and the history does not keep that webhook's payload`);
  }
  const { redacted: _, ...webhook } = kept;
  return { ...webhook, replayId, ...(replayFor === undefined ? {} : { replayFor }) };
}
