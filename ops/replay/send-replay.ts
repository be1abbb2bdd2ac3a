import type { HistoryItem } from "../../runtime/history/item.js";
import type { StoredWebhook } from "../../runtime/payload/storable.js";
import type { PayloadReader } from "../history/payload-reader.js";
import type { Journal, ReplayEnd } from "./journal.js";
import { batchSize, paceOf } from "./paced.js";
import { lackOf, type PlannedReplay } from "./plan.js";

/** Most webhooks that are sent together: the messages of one request (SendMessageBatch). */
const mostTogether = 10;

/** A planned webhook with its payload. */
export interface Loaded extends Pick<PlannedReplay, "webhookId" | "source" | "replayFor"> {
  readonly position: number;
  readonly replayId: string;
  readonly webhook: StoredWebhook;
}

/**
 * Sends webhooks to where they go, and says of each how that ended, as soon as it is known.
 *
 * @throws Error if none can be sent there
 */
export type SendLoaded = (
  loaded: readonly Loaded[],
  end: (those: readonly Loaded[], end: ReplayEnd, why?: string) => void,
) => Promise<void>;

export interface SendReplayOptions {
  readonly journal: Journal;
  readonly send: SendLoaded;
  /** Webhooks a second. */
  readonly rate: number;
  readonly itemsOf: (webhookIds: readonly string[]) => Promise<readonly HistoryItem[]>;
  readonly payloadOf: PayloadReader;
  /** Fires when no further webhook is to be sent. */
  readonly stop: AbortSignal;
  readonly onProgress: (done: number) => void;
  /** Called for each webhook that was not sent. */
  readonly onProblem: (webhookId: string, end: ReplayEnd, why: string) => void;
}

/**
 * Sends what a journal has planned and not sent yet, in its order and at a rate. Ends early, but never between a request and its
 * entry in the journal, when `stop` fires.
 *
 * @throws what `send` throws; the journal has what was sent before
 */
export async function sendReplay(options: SendReplayOptions): Promise<void> {
  const { journal, send, rate, stop, onProgress, onProblem } = options;
  const pace = paceOf(rate);
  const left = [...journal.planned.keys()].filter((position) => !isDone(journal.ends.get(position)));
  const size = batchSize(rate, mostTogether);
  const done = () => [...journal.ends.values()].filter(isDone).length;
  const end: Parameters<SendLoaded>[1] = (those, how, why) => {
    journal.write(
      those.map(({ position }) => position),
      how,
    );
    if (why !== undefined) for (const { webhookId } of those) onProblem(webhookId, how, why);
  };
  onProgress(done());
  for (let start = 0; start < left.length && !stop.aborted; start += size) {
    const loaded = await load(left.slice(start, start + size), options);
    try {
      await pace.next(loaded.length, stop);
    } catch {
      return;
    }
    await send(loaded, end);
    onProgress(done());
  }
}

function isDone(end: ReplayEnd | undefined): boolean {
  return end === "replayed" || end === "skipped";
}

/** Reads the payloads of planned webhooks. One that has lost its own since is skipped. */
async function load(
  positions: readonly number[],
  { journal, itemsOf, payloadOf, onProblem }: SendReplayOptions,
): Promise<Loaded[]> {
  const plans = positions.flatMap((position) => {
    const plan = journal.planned[position];
    return plan === undefined ? [] : { position, plan };
  });
  const items = new Map(
    (await itemsOf([...new Set(plans.map(({ plan }) => plan.webhookId))])).map((item) => [
      item.webhookId,
      item,
    ]),
  );
  const { replayId } = journal.run;
  const loaded: Loaded[] = [];
  for (const { position, plan } of plans) {
    const { webhookId, source, replayFor, lacks } = plan;
    const item = items.get(webhookId);
    const why = lacks ?? (item === undefined ? "it is not in the history any more" : lackOf(item));
    const webhook = why === undefined && item !== undefined ? await payloadOf(item) : undefined;
    if (webhook === undefined) {
      journal.write([position], "skipped");
      onProblem(webhookId, "skipped", why ?? "its payload is not in the bucket any more");
      continue;
    }
    const forOne = replayFor === undefined ? {} : { replayFor };
    loaded.push({ position, webhookId, source, replayId, webhook, ...forOne });
  }
  return loaded;
}
