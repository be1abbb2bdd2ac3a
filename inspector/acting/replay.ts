import { RefusedError, UsageError } from "../../command-line/command-error.js";
import { counted } from "../../command-line/counted.js";
import { openHistory } from "../../ops/history/open-history.js";
import { timeWindow } from "../../ops/history/time-window.js";
import { startJournal, stateFolder } from "../../ops/replay/journal.js";
import { planText } from "../../ops/replay/plan-text.js";
import {
  isHopeless,
  makeReplayPlan,
  noteReplay,
  problemLines,
  type ReplayChoice,
  resultText,
  runReplay,
} from "../../ops/replay/run-replay.js";
import { titleOf } from "../../ops/stage/stage.js";
import { usualRate } from "../../ops/usual-rate.js";
import type { Action } from "../contract.js";
import type { Inspected } from "../inspected.js";
import { choiceOf, choosesMoreThanTime } from "../reading/choice.js";
import { type Prepared, shellWord } from "./prepared.js";

type ReplayAction = Extract<Action, { kind: "replay" }>;

/** How long webhooks are watched after the last of them was sent. */
const watchedMilliseconds = 600_000;

/** As `ops replay` plans and makes it, with its journal and its note about who asked. */
export async function prepareReplay({ stage, feed }: Inspected, action: ReplayAction): Promise<Prepared> {
  const { subscriber, reason, rate = usualRate } = action;
  const history = await openHistory(stage, { tell() {} });
  const on = { stage, history };
  const plan = await makeReplayPlan(chosenBy(action, stage), { subscriber, reason, rate }, on);
  const { run, planned } = plan;
  return {
    lines: [titleOf(stage), ...planText(plan).split("\n")],
    question: `Replay ${counted(planned.length, "webhook")}?`,
    count: planned.length,
    ready: planned.filter(({ lacks }) => lacks === undefined).length,
    ...(planned.length > 1 ? { rate } : {}),
    ...commandOf(action, stage.name),
    canStop: true,
    async act(progress, stop) {
      if (isHopeless(plan)) throw new RefusedError("nothing was done: none of them can be replayed");
      const items = await history.reader.getAll([...new Set(planned.map(({ webhookId }) => webhookId))]);
      await feed.expect(items, (1_000 * planned.length) / rate + watchedMilliseconds);
      const journal = startJournal(stateFolder(process.env), run, planned);
      await noteReplay(plan, on);
      const result = await runReplay({
        ...on,
        journal,
        rate,
        stop,
        onProgress: (done) => progress.done(done),
      });
      for (const line of problemLines(result)) progress.tell(line);
      if (result.left > 0 || result.failed > 0) {
        progress.tell(`next: npm run ops -- replay --resume ${run.replayId} --stack ${stage.name}`);
      }
      if (result.failure !== undefined) throw result.failure;
      return {
        summary: resultText(planned.length, result),
        isWhole: result.replayed === planned.length,
      };
    },
  };
}

function chosenBy({ ids, filter, subscriber }: ReplayAction, { outputs }: Inspected["stage"]): ReplayChoice {
  if ((ids === undefined) === (filter === undefined)) {
    throw new UsageError("a replay is of ids, or of a filter's webhooks: name one of both");
  }
  const now = Date.now();
  if (ids !== undefined) {
    if (ids.length === 0) throw new UsageError("which webhooks? There are no ids");
    return { ids, window: timeWindow({}, now) };
  }
  const line = filter ?? "";
  if (!choosesMoreThanTime(line)) {
    throw new UsageError("which webhooks? The filter must choose by more than time");
  }
  if (subscriber !== undefined) {
    throw new UsageError("with a filter, name the subscriber in it: source:<source>.<subscriber>");
  }
  return { choice: choiceOf(line, outputs, now), inWords: [line.trim()] };
}

/** A filter's line has no one command: several sources would be several. */
function commandOf(
  { ids, subscriber, reason, rate }: ReplayAction,
  stage: string,
): Pick<Prepared, "command"> {
  if (ids === undefined) return {};
  const words = [
    ...ids.map(shellWord),
    ...(subscriber === undefined ? [] : ["--subscriber", shellWord(subscriber)]),
    ...(rate === undefined ? [] : ["--rate", String(rate)]),
    ...(reason === undefined ? [] : ["--reason", shellWord(reason)]),
  ];
  return { command: `npm run ops -- replay ${words.join(" ")} --stack ${stage}` };
}
