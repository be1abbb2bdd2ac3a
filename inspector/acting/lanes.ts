import { NothingMatchedError, UsageError } from "../../command-line/command-error.js";
import { counted } from "../../command-line/counted.js";
import { findLane, lanesOf, laneTitle } from "../../ops/lanes/find-lane.js";
import { pauseLane, pauseOf, refusePaused, resumeLane, whatPauseDoes } from "../../ops/lanes/pause-lane.js";
import { pauseInWords } from "../../ops/lanes/pause-notes.js";
import { cancelMove } from "../../ops/redrive/move.js";
import { planRedrive, type RedrivePlan, refuseSecond } from "../../ops/redrive/plan.js";
import { planLines } from "../../ops/redrive/plan-text.js";
import { fastest, redriveLane, resultText } from "../../ops/redrive/redrive-lane.js";
import { type Stage, titleOf } from "../../ops/stage/stage.js";
import { usualRate } from "../../ops/usual-rate.js";
import type { Action } from "../contract.js";
import type { Inspected } from "../inspected.js";
import type { Progress } from "./actions.js";
import { type Prepared, shellWord } from "./prepared.js";

/** How long it is watched what becomes of moved webhooks, as `ops redrive` does. */
const watchedSeconds = 60;

/** As `ops redrive` plans and makes it. */
export async function prepareRedrive(
  { stage }: Inspected,
  { lane: name, rate = usualRate }: Extract<Action, { kind: "redrive" }>,
): Promise<Prepared> {
  if (rate > fastest) throw new UsageError(`rate must be at most ${fastest}; got ${rate}`);
  const lanes = name === undefined ? lanesOf(stage.outputs) : [findLane(stage.outputs, name)];
  await refuseSecond(stage, lanes);
  const plans = await planRedrive(stage, lanes);
  if (plans.length === 0) throw new NothingMatchedError("there are no dead letters");
  const total = plans.reduce((sum, { deadLetters }) => sum + deadLetters.waiting, 0);
  const words = ["redrive", ...(name === undefined ? [] : [name]), "--rate", String(rate)];
  return {
    lines: [titleOf(stage), ...plans.flatMap((plan) => planLines(plan, stage, rate))],
    question: `Move ${counted(total, "webhook")} back?`,
    count: total,
    ready: total,
    ...(total > 1 ? { rate } : {}),
    command: `npm run ops -- ${words.join(" ")} --stack ${stage.name}`,
    canStop: true,
    act: (progress, stop) => redriveAll(stage, plans, { rate, progress, stop }),
  };
}

async function redriveAll(
  stage: Stage,
  plans: readonly RedrivePlan[],
  { rate, progress, stop }: { rate: number; progress: Progress; stop: AbortSignal },
): Promise<{ readonly summary: string; readonly isWhole: boolean }> {
  await refuseSecond(
    stage,
    plans.map(({ lane }) => lane),
  );
  const sqs = await stage.clients.sqs();
  const results: string[] = [];
  let movedBefore = 0;
  let isWhole = true;
  for (const plan of plans) {
    if (stop.aborted) break;
    let cancelling: Promise<unknown> | undefined;
    const cancel = () => {
      cancelling = cancelMove(sqs, plan.deadLetters);
    };
    stop.addEventListener("abort", cancel, { once: true });
    try {
      const result = await redriveLane(stage, plan, {
        rate,
        waitSeconds: watchedSeconds,
        onMoved: (count) => progress.done(movedBefore + count),
      });
      await cancelling;
      movedBefore += result.moved;
      isWhole = isWhole && result.isWhole;
      const text = resultText(plan.lane, result);
      progress.tell(text);
      results.push(text);
    } finally {
      stop.removeEventListener("abort", cancel);
    }
  }
  return { summary: results.join("; "), isWhole };
}

/** As `ops pause`. */
export async function preparePause(
  { stage }: Inspected,
  { lane: name, reason }: Extract<Action, { kind: "pause" }>,
): Promise<Prepared> {
  const lane = findLane(stage.outputs, name);
  await refusePaused(stage, lane);
  const why = reason === undefined ? "" : ` --reason ${shellWord(reason)}`;
  return {
    lines: [`${titleOf(stage)}: ${laneTitle(lane)}`, whatPauseDoes],
    question: `Pause ${laneTitle(lane)}?`,
    command: `npm run ops -- pause ${lane.name}${why} --stack ${stage.name}`,
    canStop: false,
    async act() {
      await pauseLane(stage, lane, reason);
      return { summary: `${laneTitle(lane)} is paused`, isWhole: true };
    },
  };
}

/** As `ops resume`. */
export async function prepareResume(
  { stage }: Inspected,
  { lane: name }: Extract<Action, { kind: "resume" }>,
): Promise<Prepared> {
  const lane = findLane(stage.outputs, name);
  const pause = await pauseOf(stage, lane);
  return {
    lines: [
      `${titleOf(stage)}: ${laneTitle(lane)}`,
      ...(pause === undefined ? [] : [`it is ${pauseInWords(pause)}`]),
    ],
    question: `Handle the webhooks of ${laneTitle(lane)} again?`,
    command: `npm run ops -- resume ${lane.name} --stack ${stage.name}`,
    canStop: false,
    async act() {
      await resumeLane(stage, lane);
      return { summary: `${laneTitle(lane)} is handled again`, isWhole: true };
    },
  };
}
