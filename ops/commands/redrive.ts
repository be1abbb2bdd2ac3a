import { confirmed } from "../../command-line/ask.js";
import { NothingMatchedError, UsageError } from "../../command-line/command-error.js";
import type { Console } from "../../command-line/console.js";
import { counted } from "../../command-line/counted.js";
import { type ExitCode, exitCodes } from "../../command-line/exit-code.js";
import { withExamples } from "../../command-line/help.js";
import { progressBar } from "../../command-line/progress-bar.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { wholeNumber } from "../../command-line/whole-number.js";
import { findLane, lanesOf, laneTitle, type NamedLane } from "../lanes/find-lane.js";
import { inQueue, queueState } from "../lanes/queue-state.js";
import { cancelMove } from "../redrive/move.js";
import { planRedrive, type RedrivePlan, refuseSecond } from "../redrive/plan.js";
import { planLines } from "../redrive/plan-text.js";
import { fastest, redriveLane, resultText } from "../redrive/redrive-lane.js";
import { openStage, type Stage, type StageOptions, titleOf } from "../stage/stage.js";
import { withStageOptions } from "../stage/stage-options.js";
import { usualRate } from "../usual-rate.js";

interface RedriveOptions extends StageOptions {
  readonly rate: string;
  readonly wait: string;
  readonly cancel?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** `redrive [lane]`: what failed all its deliveries is delivered again. */
export const defineRedrive: DefineCommand = (program, action) => {
  const command = withStageOptions(program.command("redrive"))
    .description("Move the webhooks of dead-letter queues back to their queues, to be handled again.")
    .argument("[lane]", "the lane, or a source or subscriber of it (default: every lane with dead letters)")
    .option("--rate <count>", `webhooks a second, at most ${fastest}`, String(usualRate))
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
        for (const plan of plans) for (const line of planLines(plan, stage, rate)) console.tell(line);
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

/** @returns whether all that was to be moved is handled, as far as it is known */
async function redrive(
  console: Console,
  stage: Stage,
  plan: RedrivePlan,
  rate: number,
  waitSeconds: number,
): Promise<boolean> {
  const { lane, deadLetters } = plan;
  console.tell(`${laneTitle(lane)}: SQS moves them; Ctrl-C ends only the watching, --cancel the move`);
  const bar = progressBar(console, { total: deadLetters.waiting, noun: "webhook" });
  const result = await redriveLane(stage, plan, {
    rate,
    waitSeconds,
    onMoved: (count) => bar.update(count),
    onAllMoved: () => bar.end(),
  });
  const { moved, isCancelled, after } = result;
  if (console.json) {
    console.data(JSON.stringify({ lane: lane.name, moved, cancelled: isCancelled, ...after }));
  } else {
    console.data(resultText(lane, result));
  }
  if (after.bounced > 0 && !isCancelled) {
    console.tell(`bounced again: ${counted(after.bounced, "webhook")}`);
    console.tell(`next: npm run ops -- list --outcome failed --stack ${stage.name}`);
  } else if (after.inQueue > 0) {
    console.tell(
      `what fails again takes until its last delivery: look with npm run ops -- status --stack ${stage.name}`,
    );
  }
  return result.isWhole;
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
