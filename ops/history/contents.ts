import { withoutContentCoding } from "../../runtime/envelope/content-coding.js";
import { findEventType } from "../../runtime/envelope/event-type.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import type { StoredWebhook } from "../../runtime/payload/storable.js";
import type { StageOutputs } from "../stage/outputs.js";
import { takerOf } from "../stage/takers.js";

/** Tells the type of a webhook's event. Undefined where it has none, or its source does not say where it stands. */
export type FindType = (item: Pick<HistoryItem, "source">, webhook: StoredWebhook) => string | undefined;

export function eventTypesOf(outputs: Pick<StageOutputs, "operations">): FindType {
  return ({ source }, webhook) => {
    const name = takerOf(outputs, source)?.source ?? "";
    const place = outputs.operations.sources[name]?.eventType;
    return place === undefined ? undefined : findEventType(place, webhook);
  };
}

/** Whether a type is one of those meant. `*` stands for any characters. */
export function fitsTypes(type: string | undefined, patterns: readonly string[]): boolean {
  return type !== undefined && patterns.some((pattern) => fits(type, pattern));
}

/** Piece by piece, because a regular expression made of many stars takes time that grows with a power of the length. */
function fits(type: string, pattern: string): boolean {
  const [first = "", ...others] = pattern.split("*");
  if (!type.startsWith(first)) return false;
  const last = others.pop();
  if (last === undefined) return type === first;
  let position = first.length;
  for (const piece of others) {
    const found = type.indexOf(piece, position);
    if (found === -1) return false;
    position = found + piece.length;
  }
  return type.length - last.length >= position && type.endsWith(last);
}

/** Whether each text stands in the webhook's ids, its reason, or its body without its compression. Letters in any case. */
export function hasText(
  { webhookId, requestId, reason = "" }: Pick<HistoryItem, "webhookId" | "requestId" | "reason">,
  webhook: StoredWebhook | undefined,
  texts: readonly string[],
): boolean {
  if (texts.length === 0) return true;
  const body = webhook === undefined ? "" : withoutContentCoding(webhook).body.toString("utf8");
  const all = [webhookId, requestId, reason, body].map((text) => text.toLowerCase());
  return texts.every((text) => all.some((each) => each.includes(text.toLowerCase())));
}
