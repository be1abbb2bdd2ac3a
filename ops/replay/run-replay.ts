import { NothingMatchedError } from "../../command-line/command-error.js";
import { printable } from "../../command-line/console.js";
import { counted } from "../../command-line/counted.js";
import type { RunningPipeline } from "../../local/running.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import { type ChoiceOptions, windowText } from "../history/choice-options.js";
import { type Choice, choose } from "../history/choose.js";
import type { OpenHistory } from "../history/open-history.js";
import type { TimeWindow } from "../history/time-window.js";
import { operatorName } from "../stage/operator.js";
import type { Stage } from "../stage/stage.js";
import type { Journal } from "./journal.js";
import { planReplay } from "./plan.js";
import type { ReplayPlan } from "./plan-text.js";
import { newReplayId } from "./replay-id.js";
import { replayNotes } from "./replay-notes.js";
import { sendReplay } from "./send-replay.js";
import { toLocal } from "./to-local.js";
import { toQueue } from "./to-queue.js";

/** Which webhooks are to be replayed. */
export type ReplayChoice =
  /** `window`: where the beginnings of ids are looked for. */
  | { readonly ids: readonly string[]; readonly window: TimeWindow }
  /** `inWords`: what was chosen, without the time. */
  | { readonly choice: Choice; readonly inWords: readonly string[] };

export interface ReplayWishes {
  /** The only subscriber that it is for. */
  readonly subscriber?: string | undefined;
  readonly reason?: string | undefined;
  /** Webhooks a second. */
  readonly rate: number;
}

/** Where a replay is planned and made. */
export interface ReplayStage {
  readonly stage: Stage;
  readonly history: OpenHistory;
}

/**
 * Plans a replay.
 *
 * @throws NothingMatchedError if no webhook is chosen
 */
export async function makeReplayPlan(
  chosen: ReplayChoice,
  { subscriber, reason, rate }: ReplayWishes,
  { stage, history }: ReplayStage,
): Promise<ReplayPlan> {
  const { outputs } = stage;
  const { reader, payloadOf } = history;
  const isById = "ids" in chosen;
  const items = isById ? await byIds(chosen, history) : choose(reader, chosen.choice, payloadOf);
  const planned = await planReplay(items, {
    outputs,
    itemsOf: (webhookIds) => reader.getAll(webhookIds),
    payloadOf,
    // A choice has the subscriber's own items.
    subscriber: isById ? subscriber : undefined,
  });
  if (planned.length === 0) {
    throw new NothingMatchedError(
      `no webhook matches${isById ? "" : `, received ${windowText(chosen.choice.window)}`}`,
    );
  }
  return {
    run: {
      replayId: newReplayId(Date.now()),
      stage: stage.name,
      account: stage.account,
      region: stage.region,
      table: outputs.historyTable,
      which: isById
        ? idsText(chosen.ids, subscriber)
        : [...chosen.inWords, `received ${windowText(chosen.choice.window)}`].join(", "),
      by: operatorName(),
      ...(reason === undefined ? {} : { reason }),
    },
    planned,
    rate,
  };
}

async function byIds(
  { ids, window }: { readonly ids: readonly string[]; readonly window: TimeWindow },
  history: OpenHistory,
): Promise<HistoryItem[]> {
  const items: HistoryItem[] = [];
  for (const id of ids) items.push(await history.find(id, window));
  return items;
}

function idsText(ids: readonly string[], subscriber: string | undefined): string {
  const whom = subscriber === undefined ? "" : `, for ${subscriber}`;
  return `${ids.length > 3 ? counted(ids.length, "id") : ids.join(", ")}${whom}`;
}

/** The filter in words, without its time. */
export function choiceInWords({
  source,
  subscriber,
  outcome,
  where = [],
  type,
  text = [],
}: ChoiceOptions): string[] {
  return [
    ...(source === undefined ? [] : [`source ${source}`]),
    ...(subscriber === undefined ? [] : [`subscriber ${subscriber}`]),
    ...(outcome === undefined ? [] : [`outcome ${outcome.join(" or ")}`]),
    ...where,
    ...(type === undefined ? [] : [`type ${type.join(" or ")}`]),
    ...text.map((each) => `text ${JSON.stringify(each)}`),
  ];
}

/** Whether none of the planned webhooks can be replayed, as far as the table tells. */
export function isHopeless({ planned }: Pick<ReplayPlan, "planned">): boolean {
  return planned.every(({ lacks }) => lacks !== undefined);
}

/** Notes who asked, for as long as the history remembers the webhooks at least. */
export async function noteReplay(
  { run, planned }: ReplayPlan,
  { stage, history }: ReplayStage,
): Promise<void> {
  const newest = planned.findLast(({ lacks }) => lacks === undefined) ?? planned[0];
  const item = newest && (await history.reader.get(newest.webhookId));
  const now = Math.floor(Date.now() / 1_000);
  const kept = item === undefined ? 0 : item.expiresAt - Math.floor(item.receivedAt / 1_000);
  const { replayId, by, reason } = run;
  const notes = replayNotes(await stage.clients.dynamoDb(), stage.outputs.historyTable);
  const words = { by, count: planned.length, ...(reason === undefined ? {} : { reason }) };
  await notes.write(replayId, words, now + Math.max(kept, leastSeconds));
}

/** Thirty days, if nobody knows how long the history remembers. */
const leastSeconds = 30 * 86_400;

export interface RunReplayOptions extends ReplayStage {
  readonly journal: Journal;
  /** Webhooks a second. */
  readonly rate: number;
  /** Where the webhooks are posted to, instead of the stage's own queue. */
  readonly local?: RunningPipeline | undefined;
  /** Fires when no further webhook is to be sent. */
  readonly stop: AbortSignal;
  readonly onProgress: (done: number) => void;
}

/** How a replay ended. */
export interface ReplayResult {
  readonly replayed: number;
  readonly skipped: number;
  readonly failed: number;
  /** Not tried. */
  readonly left: number;
  /** A sentence for each webhook that was not sent. */
  readonly problems: readonly string[];
  /** What ended it early, if something did. */
  readonly failure: unknown;
}

/** Sends what a journal has planned and not sent yet, and adds up. */
export async function runReplay({
  stage,
  history,
  journal,
  rate,
  local,
  stop,
  onProgress,
}: RunReplayOptions): Promise<ReplayResult> {
  const problems: string[] = [];
  let failure: unknown;
  try {
    await sendReplay({
      journal,
      send: local === undefined ? toQueue(await stage.clients.sqs(), stage.outputs) : toLocal(local),
      rate,
      itemsOf: (webhookIds) => history.reader.getAll(webhookIds),
      payloadOf: history.payloadOf,
      stop,
      onProgress,
      onProblem: (webhookId, end, why) => problems.push(`${end} ${printable(webhookId)}: ${printable(why)}`),
    });
  } catch (error) {
    failure = error;
  }
  const ends = [...journal.ends.values()];
  const count = (end: string) => ends.filter((each) => each === end).length;
  return {
    replayed: count("replayed"),
    skipped: count("skipped"),
    failed: count("failed"),
    left: journal.planned.length - ends.length,
    problems,
    failure,
  };
}

/** `asked 3, replayed 2, skipped 1, failed 0` */
export function resultText(asked: number, { replayed, skipped, failed, left }: ReplayResult): string {
  const rest = left > 0 ? `, left ${left}` : "";
  return `asked ${asked}, replayed ${replayed}, skipped ${skipped}, failed ${failed}${rest}`;
}

/** How many problems are told of one by one. */
const mostTold = 20;

export function problemLines({ problems }: Pick<ReplayResult, "problems">): string[] {
  const more = problems.length - mostTold;
  return [...problems.slice(0, mostTold), ...(more > 0 ? [`… and ${more} more`] : [])];
}
