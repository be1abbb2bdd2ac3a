import { confirmed } from "../../command-line/ask.js";
import { NothingMatchedError, RefusedError, UsageError } from "../../command-line/command-error.js";
import { type Console, printable } from "../../command-line/console.js";
import { counted } from "../../command-line/counted.js";
import { type ExitCode, exitCodes } from "../../command-line/exit-code.js";
import { withExamples } from "../../command-line/help.js";
import { progressBar } from "../../command-line/progress-bar.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { durationText, timeText } from "../../command-line/times.js";
import { wholeNumber } from "../../command-line/whole-number.js";
import { inParallel } from "../in-parallel.js";
import { findLane, lanesOf, laneTitle, type NamedLane } from "../lanes/find-lane.js";
import { pauseInWords } from "../lanes/pause-notes.js";
import { inQueue, queueState } from "../lanes/queue-state.js";
import { cancelMove, isRunning, moveBack, newestMove, watchAftermath } from "../redrive/move.js";
import { planRedrive, type RedrivePlan } from "../redrive/plan.js";
import { openStage, type Stage, type StageOptions, titleOf } from "../stage/stage.js";
import { withStageOptions } from "../stage/stage-options.js";
import { shownSource } from "../stage/takers.js";

interface RedriveOptions extends StageOptions {
  readonly rate: string;
  readonly wait: string;
  readonly cancel?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** Most messages a second: docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
const fastest = 500;
const mostReasons = 5;

/** `redrive [lane]`: what failed all its deliveries is delivered again. */
export const defineRedrive: DefineCommand = (program, action) => {
  const command = withStageOptions(program.command("redrive"))
    .description("Move the webhooks of dead-letter queues back to their queues, to be handled again.")
    .argument("[lane]", "the lane, or a source or subscriber of it (default: every lane with dead letters)")
    .option("--rate <count>", `webhooks a second, at most ${fastest}`, "10")
    .option("--wait <seconds>", "how long to watch what becomes of them", "60")
    .option("--cancel", "stop a redrive that runs; what it has moved stays moved")
    .option("--dry-run", "only tell what would be moved")
    .option("--yes", "do it without being asked")
    .action(
      action(async ({ console }, name: string | undefined, options: RedriveOptions) => {
        const rate = wholeNumber("--rate", options.rate);
        if (rate > fastest) throw new UsageError(`--rate must be at most ${fastest}; got "${options.rate}"`);
        const waitSeconds = wholeNumber("--wait", options.wait);
        const stage = await openStage(options);
        const lanes = name === undefined ? lanesOf(stage.outputs) : [findLane(stage.outputs, name)];
        console.tell(titleOf(stage));
        if (options.cancel) return cancelAll(console, stage, lanes);

        await refuseSecond(stage, lanes);
        const plans = await planRedrive(stage, lanes);
        if (plans.length === 0) throw new NothingMatchedError("there are no dead letters");
        for (const plan of plans) tellPlan(console, stage, plan, rate);
        if (options.dryRun) return undefined;
        const total = plans.reduce((sum, { deadLetters }) => sum + deadLetters.waiting, 0);
        await confirmed(console, `Move ${counted(total, "webhook")} back?`, options.yes ?? false);

        let isWhole = true;
        for (const plan of plans)
          isWhole = (await redrive(console, stage, plan, rate, waitSeconds)) && isWhole;
        return isWhole ? exitCodes.done : exitCodes.failed;
      }),
    );
  withExamples(
    command,
    "npm run ops -- redrive --stack prod",
    "npm run ops -- redrive github --rate 50 --yes --stack prod",
    "npm run ops -- redrive github --cancel --stack prod",
  );
};

/** SQS makes one move out of a queue at a time. @throws RefusedError while there is one */
async function refuseSecond(stage: Stage, lanes: readonly NamedLane[]): Promise<void> {
  const sqs = await stage.clients.sqs();
  await inParallel(lanes, 8, async (lane) => {
    const { arn } = await queueState(sqs, lane.deadLetterQueueUrl);
    if (!isRunning(await newestMove(sqs, arn))) return;
    throw new RefusedError(`a redrive of ${laneTitle(lane)} runs already`, {
      next: `npm run ops -- redrive ${lane.name} --cancel --stack ${stage.name}, or wait for its end`,
    });
  });
}

function tellPlan(
  console: Console,
  stage: Stage,
  { lane, deadLetters, oldestSeconds, reasons, isPaused, pause, changedAt }: RedrivePlan,
  rate: number,
): void {
  const { waiting, inFlight } = deadLetters;
  const oldest =
    oldestSeconds === undefined ? "" : `, the oldest there for ${durationText(oldestSeconds * 1000)}`;
  const takes = durationText(Math.ceil(waiting / rate) * 1000);
  console.tell(
    `${laneTitle(lane)}: ${counted(waiting, "dead letter")}${oldest}; at ${rate} a second it takes ${takes}`,
  );
  if (inFlight > 0) console.tell(`  ${inFlight} more are being looked at by somebody, and stay`);
  if (reasons.length > 0) console.tell("  what its webhooks failed of, as the history has it:");
  for (const { count, source, reason, last, example } of reasons.slice(0, mostReasons)) {
    console.tell(
      `  ×${count} ${shownSource(stage.outputs, source)}: ${printable(reason)} (last received ${timeText(last)}, such as ${printable(example)})`,
    );
  }
  const others = reasons.slice(mostReasons).reduce((sum, { count }) => sum + count, 0);
  if (others > 0) console.tell(`  ×${others} for other reasons`);
  console.tell("  each is a new message: its deliveries are counted anew");
  if (isPaused) {
    const words = pause === undefined ? "its event source mapping is disabled" : pauseInWords(pause);
    console.tell(`  the lane is paused, so they will wait in its queue: ${words}`);
  }
  const lastEnd = Math.max(0, ...reasons.map((reason) => reason.lastEnd));
  if (lastEnd > changedAt) {
    console.tell(
      `  the function was not deployed since the last failure at ${timeText(lastEnd)}: unless what it calls was mended, they fail again`,
    );
  }
}

/** @returns whether all that was to be moved is handled, as far as it is known */
async function redrive(
  console: Console,
  stage: Stage,
  { lane, deadLetters, isPaused }: RedrivePlan,
  rate: number,
  waitSeconds: number,
): Promise<boolean> {
  const sqs = await stage.clients.sqs();
  console.tell(`${laneTitle(lane)}: SQS moves them; Ctrl-C ends only the watching, --cancel the move`);
  const bar = progressBar(console, { total: deadLetters.waiting, noun: "webhook" });
  const { moved, isCancelled } = await moveBack(sqs, deadLetters, rate, (count) => bar.update(count));
  bar.end();
  // What waits in a paused lane cannot come back.
  const after = await watchAftermath(sqs, lane, isPaused ? 0 : waitSeconds, () => {});
  const row = { lane: lane.name, moved, cancelled: isCancelled, ...after };
  if (console.json) console.data(JSON.stringify(row));
  else {
    const parts = [
      `${counted(moved, "webhook")} moved`,
      ...(after.inQueue > 0 ? [`${after.inQueue} in the queue`] : []),
      after.bounced === 0 ? "none is a dead letter again" : `${after.bounced} are dead letters`,
      ...(isCancelled ? ["cancelled"] : []),
    ];
    console.data(`${laneTitle(lane)}: ${parts.join(", ")}`);
  }
  if (after.bounced > 0 && !isCancelled) {
    console.tell(`bounced again: ${counted(after.bounced, "webhook")}`);
    console.tell(`next: npm run ops -- list --outcome failed --stack ${stage.name}`);
  } else if (after.inQueue > 0) {
    console.tell(
      `what fails again takes until its last delivery: look with npm run ops -- status --stack ${stage.name}`,
    );
  }
  return after.bounced === 0 && !isCancelled;
}

async function cancelAll(console: Console, stage: Stage, lanes: readonly NamedLane[]): Promise<ExitCode> {
  const sqs = await stage.clients.sqs();
  let isAny = false;
  for (const lane of lanes) {
    const deadLetters = await queueState(sqs, lane.deadLetterQueueUrl);
    const moved = await cancelMove(sqs, deadLetters);
    if (moved === undefined) continue;
    isAny = true;
    if (console.json) console.data(JSON.stringify({ lane: lane.name, moved, cancelled: true }));
    else {
      const left = counted(inQueue(deadLetters), "dead letter");
      console.data(`${laneTitle(lane)}: cancelled after ${counted(moved, "webhook")}; ${left} stay`);
    }
  }
  if (!isAny) throw new NothingMatchedError("no redrive runs");
  return exitCodes.done;
}
