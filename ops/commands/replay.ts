import { confirmed } from "../../command-line/ask.js";
import { CommandError, UsageError } from "../../command-line/command-error.js";
import type { Console } from "../../command-line/console.js";
import { counted } from "../../command-line/counted.js";
import { type ExitCode, exitCodes } from "../../command-line/exit-code.js";
import { withExamples } from "../../command-line/help.js";
import { progressBar } from "../../command-line/progress-bar.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { wholeNumber } from "../../command-line/whole-number.js";
import type { RunningPipeline } from "../../local/running.js";
import { type ChoiceOptions, readChoice, withChoice } from "../history/choice-options.js";
import { type OpenHistory, openHistory } from "../history/open-history.js";
import { timeWindow } from "../history/time-window.js";
import {
  type Journal,
  journalInMemory,
  openJournal,
  type ReplayRun,
  startJournal,
  stateFolder,
} from "../replay/journal.js";
import { planJson, planText, type ReplayPlan } from "../replay/plan-text.js";
import {
  choiceInWords,
  isHopeless,
  makeReplayPlan,
  noteReplay,
  problemLines,
  type ReplayChoice,
  resultText,
  runReplay,
} from "../replay/run-replay.js";
import { openStage, type Stage, type StageOptions, titleOf } from "../stage/stage.js";
import { withStageOptions } from "../stage/stage-options.js";
import { usualRate } from "../usual-rate.js";

interface ReplayOptions extends StageOptions, ChoiceOptions {
  readonly rate: string;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly resume?: string;
  readonly to?: string;
  readonly json?: boolean;
}

/** `replay`: webhooks of the history go through their functions once more. */
export const defineReplay: DefineCommand = (program, action) => {
  const command = withChoice(withStageOptions(program.command("replay")))
    .description("Send webhooks of the history through their functions once more, the oldest first.")
    .argument("[ids...]", "ids of webhooks; or choose them by source, time, outcome or value")
    .option("--rate <count>", "webhooks a second", String(usualRate))
    .option("--reason <text>", "why; show tells it with who asked")
    .option("--dry-run", "only show the plan")
    .option("--yes", "do not ask")
    .option("--resume <replay>", "go on with a replay that was interrupted")
    .option(
      "--to <stage>",
      "local: post them, newly signed, to what npm start runs, instead of the stage's own queue",
    )
    .action(
      action(async ({ console }, ids: string[], options: ReplayOptions) => {
        const rate = wholeNumber("--rate", options.rate);
        if (options.resume === undefined) checkChoice(ids, options);
        else checkResume(ids, options);
        const stage = await openStage(options);
        const target = options.to === undefined ? undefined : await openTarget(options.to, stage);
        const history = await openHistory(stage, console);
        const folder = stateFolder(console.streams.env);
        if (options.resume !== undefined) {
          const journal = openJournal(folder, options.resume);
          checkStage(journal.run, stage);
          return resume(console, { stage, history, journal, rate, options });
        }
        const { subscriber, reason } = options;
        const chosen = chosenBy(ids, options, stage);
        const planned = await makeReplayPlan(chosen, { subscriber, reason, rate }, { stage, history });
        const plan = target === undefined ? planned : { ...planned, to: titleOf(target) };
        show(console, stage, plan);
        if (options.dryRun) {
          if (console.json) console.data(JSON.stringify(planJson(plan)));
          return undefined;
        }
        if (isHopeless(plan)) {
          throw new CommandError("nothing was done: none of them can be replayed");
        }
        await confirmed(console, `Replay ${counted(plan.planned.length, "webhook")}?`, options.yes === true);
        if (target?.local !== undefined) {
          const journal = journalInMemory(plan.run, plan.planned);
          return send(console, { stage, history, journal, rate, local: target.local });
        }
        const journal = startJournal(folder, plan.run, plan.planned);
        await noteReplay(plan, { stage, history });
        return send(console, { stage, history, journal, rate });
      }),
    );
  withExamples(
    command,
    "npm run ops -- replay evt_1NG8Du2eZvKYlo2CUI79vXWy --stack prod --reason 'the refund handler is mended'",
    "npm run ops -- replay --source stripe --outcome ignored --since 2026-11-25T03:00Z --dry-run --stack prod",
    "npm run ops -- replay evt_1NG8Du2eZvKYlo2CUI79vXWy --to local --stack prod",
    "npm run ops -- replay --resume 019aa6f0-5c4e-7 --stack prod",
  );
};

/** The pipeline on this machine that gets a stage's webhooks. */
async function openTarget(to: string, from: Stage): Promise<Stage> {
  if (!/^local(:\d+)?$/.test(to)) throw new UsageError(`--to must be local, or local:<port>; got "${to}"`);
  const target = await openStage({ stack: to });
  if (target.name === from.name) throw new UsageError("--to is the stage itself: leave it out");
  return target;
}

/** Nobody replays everything by accident. */
function checkChoice(ids: readonly string[], options: ReplayOptions): void {
  const { source, outcome, where, type, text, since, until, to } = options;
  if (to !== undefined && options.subscriber !== undefined) {
    throw new UsageError("--to posts webhooks, which all subscribers get: leave --subscriber out");
  }
  if (to !== undefined && options.reason !== undefined) {
    throw new UsageError("--reason is kept with the stage's own webhooks: leave it out with --to");
  }
  const isChosen = [source, outcome, where, type, text].some((value) => value !== undefined);
  if (ids.length === 0 && !isChosen && options.subscriber === undefined) {
    throw new UsageError(
      "which webhooks? Name ids, or choose with --source, --subscriber, --outcome, --where, --type or --text",
    );
  }
  if (ids.length > 0 && (isChosen || until !== undefined)) {
    throw new UsageError(
      "ids say already which webhooks: leave --source, --outcome, --where, --type, --text and --until out",
    );
  }
  if (ids.length > 0 && since !== undefined) timeWindow({ since }, Date.now());
}

function checkResume(ids: readonly string[], options: ReplayOptions): void {
  const { source, subscriber, outcome, where, type, text, since, until, reason, to } = options;
  const given = [source, subscriber, outcome, where, type, text, since, until, reason, to];
  if (ids.length > 0 || given.some((value) => value !== undefined)) {
    throw new UsageError("--resume goes on with what was planned: leave ids, filters, --to and --reason out");
  }
}

function checkStage({ stage, account, region, table }: ReplayRun, now: Stage): void {
  if (account === now.account && region === now.region && table === now.outputs.historyTable) return;
  throw new UsageError(
    `the replay is of stage ${stage} (account ${account}, Region ${region}), not of ${titleOf(now)}`,
  );
}

function chosenBy(ids: readonly string[], options: ReplayOptions, stage: Stage): ReplayChoice {
  const now = Date.now();
  if (ids.length > 0) return { ids, window: timeWindow(options, now) };
  return { choice: readChoice(options, stage.outputs, now), inWords: choiceInWords(options) };
}

function show(console: Console, stage: Stage, plan: ReplayPlan): void {
  console.tell(titleOf(stage));
  console.tell(planText(plan));
}

interface Sending {
  readonly stage: Stage;
  readonly history: OpenHistory;
  readonly journal: Journal;
  readonly rate: number;
  /** Where the webhooks are posted to, instead of the stage's own queue. */
  readonly local?: RunningPipeline;
}

async function resume(
  console: Console,
  { options, ...sending }: Sending & { readonly options: ReplayOptions },
): Promise<ExitCode | undefined> {
  const { stage, journal, rate } = sending;
  const left = [...journal.planned.keys()].filter((position) => {
    const end = journal.ends.get(position);
    return end === undefined || end === "failed";
  });
  const plan = { run: journal.run, planned: journal.planned, rate };
  show(console, stage, plan);
  console.tell(`  left      ${counted(left.length, "webhook")} of these`);
  if (options.dryRun) {
    if (console.json) console.data(JSON.stringify({ ...planJson(plan), left: left.length }));
    return undefined;
  }
  if (left.length > 0) {
    await confirmed(console, `Replay the other ${counted(left.length, "webhook")}?`, options.yes === true);
  }
  return send(console, sending);
}

/** Sends, tells how far it is, and adds up. */
async function send(
  console: Console,
  { stage, history, journal, rate, local }: Sending,
): Promise<ExitCode | undefined> {
  const { planned, run } = journal;
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  const bar = progressBar(console, { total: planned.length, noun: "webhook" });
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  const result = await runReplay({
    stage,
    history,
    journal,
    rate,
    local,
    stop: stop.signal,
    onProgress: (done) => bar.update(done),
  });
  process.off("SIGINT", interrupt);
  process.off("SIGTERM", interrupt);
  bar.end();
  for (const line of problemLines(result)) console.tell(line);

  const { replayed, skipped, failed, left, failure } = result;
  if (console.json) {
    const sums = { replayed, skipped, failed, ...(left > 0 ? { left } : {}) };
    console.data(JSON.stringify({ replay: run.replayId, asked: planned.length, ...sums }));
  } else {
    console.data(resultText(planned.length, result));
  }
  if (local === undefined && (left > 0 || failed > 0)) {
    console.tell(`next: npm run ops -- replay --resume ${run.replayId} --stack ${stage.name}`);
  }
  if (failure !== undefined) throw failure;
  return replayed === planned.length ? exitCodes.done : exitCodes.failed;
}
