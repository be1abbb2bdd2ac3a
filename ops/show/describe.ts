import { CommandError } from "../../command-line/command-error.js";
import { printable } from "../../command-line/console.js";
import { webhookIdOf } from "../../runtime/history/event-id.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import type { StoredWebhook } from "../../runtime/payload/storable.js";
import { locatorsOf, type SignatureDefinition } from "../../runtime/signatures/definition.js";
import type { AttemptLog } from "../history/attempt-logs.js";
import type { OpenHistory } from "../history/open-history.js";
import { lackOf } from "../replay/plan.js";
import { type ReplayNote, replayNotes } from "../replay/replay-notes.js";
import type { OperatedSource, StageOutputs } from "../stage/outputs.js";
import type { Stage } from "../stage/stage.js";
import { takerOf, takersOf } from "../stage/takers.js";
import { explainSignature, type SignatureVerdict } from "./signature-check.js";
import { type TimelineEntry, timelineOf } from "./timeline.js";

/** A webhook with what the history keeps of it. */
export interface Found {
  readonly stage: Stage;
  readonly history: OpenHistory;
  readonly item: HistoryItem;
  /** As the history keeps it. */
  readonly webhook: StoredWebhook | undefined;
}

/** All that is known of a webhook. */
export interface Described {
  /** What its source's subscribers made of it. */
  readonly parts: readonly HistoryItem[];
  /** By the ids of the replays. */
  readonly replays: ReadonlyMap<string, ReplayNote>;
  readonly logs: readonly AttemptLog[];
  readonly timeline: readonly TimelineEntry[];
  /** Of a rejected webhook. */
  readonly signature: SignatureVerdict | undefined;
  /** Why its payload cannot be shown. Absent: it can. */
  readonly lacks: string | undefined;
}

/** Reads what is known of a webhook from the history, the notes about its replays, the logs and the secrets. */
export async function describeWebhook(found: Found): Promise<Described> {
  const { stage, history, item, webhook } = found;
  const notes = replayNotes(await stage.clients.dynamoDb(), stage.outputs.historyTable);
  const window = { from: item.receivedAt - 60_000, to: Date.now() + 60_000 };
  const [parts, replays, logs, signature] = await Promise.all([
    subscribersItems(found),
    notes.read(item.replayIds ?? []),
    history.logsOf("webhook_id", item.webhookId, window),
    signatureOf(found),
  ]);
  return {
    parts,
    replays,
    logs,
    timeline: timelineOf(item, replays, logs),
    signature,
    lacks: webhook === undefined ? (lackOf(item) ?? "its payload is gone") : undefined,
  };
}

/** @throws CommandError for a webhook whose payload is not kept */
export function keptWebhook({ item, webhook }: Pick<Found, "item" | "webhook">): StoredWebhook {
  if (webhook !== undefined) return webhook;
  throw new CommandError(
    `${printable(item.webhookId)} cannot be shown so: ${lackOf(item) ?? "its payload is gone"}`,
  );
}

/**
 * The URL that a webhook is posted to.
 *
 * @throws CommandError if its source has none any more
 */
export function endpointOf({ stage, item }: Pick<Found, "stage" | "item">): string {
  const source = takerOf(stage.outputs, item.source)?.source ?? item.source;
  const endpoint = (stage.local?.sources.find(({ definition }) => definition.name === source)?.endpoint ??
    stage.outputs.endpoints[source]) as string | undefined;
  if (endpoint !== undefined) return endpoint;
  throw new CommandError(`the source of ${printable(item.webhookId)} has no URL (any more)`);
}

/** The source that a webhook came to. @throws CommandError if the stage does not have it (any more) */
export function sourceOfWebhook({ stage, item }: Pick<Found, "stage" | "item">): {
  readonly name: string;
  readonly definition: OperatedSource;
} {
  const name = takerOf(stage.outputs, item.source)?.source;
  const definition = stage.outputs.operations.sources[name ?? ""];
  if (name !== undefined && definition !== undefined) return { name, definition };
  throw new CommandError(`${printable(item.webhookId)} is of no source of the stage, so no handler gets it`);
}

/** The ids that a source's webhook has as its subscribers'. None for a subscriber's own. */
export function idsForSubscribers(
  outputs: Pick<StageOutputs, "operations">,
  { source, eventId }: Pick<HistoryItem, "source" | "eventId">,
): string[] {
  const taker = takerOf(outputs, source);
  if (taker === undefined || taker.subscriber !== undefined) return [];
  return takersOf(outputs)
    .filter((each) => each.source === taker.source && each.subscriber !== undefined)
    .map(({ rememberedAs }) => webhookIdOf(rememberedAs, eventId));
}

async function subscribersItems({ stage, history, item }: Found): Promise<HistoryItem[]> {
  const ids = idsForSubscribers(stage.outputs, item);
  return ids.length === 0 ? [] : history.reader.getAll(ids);
}

async function signatureOf({ stage, item, webhook }: Found): Promise<SignatureVerdict | undefined> {
  const taker = takerOf(stage.outputs, item.source);
  const definition = stage.outputs.operations.sources[taker?.source ?? ""];
  if (item.status !== "rejected" || webhook === undefined || taker === undefined || definition === undefined)
    return undefined;
  return explainSignature({ name: taker.source, signature: definition.signature, webhook }, stage);
}

/** Headers, in lower case, from which the pipeline reads something: the signature, the event's id and its type. */
export function importantHeaders({ stage, item }: Pick<Found, "stage" | "item">): ReadonlySet<string> {
  const source = takerOf(stage.outputs, item.source)?.source ?? "";
  const definition = stage.outputs.operations.sources[source];
  if (definition === undefined) return new Set();
  const { signature, eventId, eventType } = definition;
  const places = [
    ...placesOfSignature(signature),
    ...eventId.flat(),
    ...(eventType === undefined ? [] : [eventType]),
  ];
  return new Set([
    "content-type",
    ...places.flatMap((place) => /^header:(.+)$/.exec(place)?.[1]?.toLowerCase() ?? []),
  ]);
}

function placesOfSignature(signature: SignatureDefinition): readonly string[] {
  if (signature.kind === "basic") return ["header:authorization"];
  const own = "header" in signature || "json" in signature ? locatorsOf(signature) : [];
  const time =
    "timestamp" in signature && signature.timestamp !== undefined ? locatorsOf(signature.timestamp) : [];
  return [...own, ...time];
}
