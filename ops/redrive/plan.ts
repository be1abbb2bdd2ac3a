import { GetFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { RefusedError } from "../../command-line/command-error.js";
import { historyReader } from "../history/read-history.js";
import { inParallel } from "../in-parallel.js";
import { laneTitle, type NamedLane } from "../lanes/find-lane.js";
import { mappingState } from "../lanes/mapping.js";
import { type PauseNote, pauseNotes } from "../lanes/pause-notes.js";
import { type QueueState, queueName, queueState } from "../lanes/queue-state.js";
import type { Stage } from "../stage/stage.js";
import { takerName, takersOf } from "../stage/takers.js";
import { type FailureGroup, groupFailures, readFailures } from "../status/failures.js";
import { ageOfOldest, readMetrics } from "../status/read-metrics.js";
import { isRunning, newestMove } from "./move.js";

/** What a redrive would move, and what is to be known before. */
export interface RedrivePlan {
  readonly lane: NamedLane;
  readonly deadLetters: QueueState;
  /** Undefined where CloudWatch has no value yet. */
  readonly oldestSeconds: number | undefined;
  /** What the webhooks of the lane failed of. */
  readonly reasons: readonly FailureGroup[];
  readonly isPaused: boolean;
  readonly pause: PauseNote | undefined;
  /** When the function was last changed, in epoch milliseconds. */
  readonly changedAt: number;
}

/** A dead letter is kept for 14 days at most, and was received before that. */
const longestDays = 28;
const day = 86_400_000;
const hour = 3_600_000;

/** Plans for the lanes that have dead letters. */
export async function planRedrive(stage: Stage, lanes: readonly NamedLane[]): Promise<RedrivePlan[]> {
  const sqs = await stage.clients.sqs();
  const states = await Promise.all(
    lanes.map(async (lane) => ({ lane, deadLetters: await queueState(sqs, lane.deadLetterQueueUrl) })),
  );
  const filled = states.filter(({ deadLetters }) => deadLetters.waiting > 0);
  if (filled.length === 0) return [];

  const now = Date.now();
  const [cloudWatch, dynamoDb, lambda] = await Promise.all([
    stage.clients.cloudWatch(),
    stage.clients.dynamoDb(),
    stage.clients.lambda(),
  ]);
  const reader = historyReader(dynamoDb, stage.outputs.historyTable);
  const notes = pauseNotes(dynamoDb, stage.outputs.historyTable);
  const [ages, failures] = await Promise.all([
    readMetrics(
      cloudWatch,
      filled.map(({ lane }) => ageOfOldest(queueName(lane.deadLetterQueueUrl))),
      { from: now - hour, to: now },
    ),
    readFailures(reader, { from: now - longestDays * day, to: now }, ["failed", "processing"]),
  ]);
  const takers = takersOf(stage.outputs);
  return Promise.all(
    filled.map(async ({ lane, deadLetters }, index): Promise<RedrivePlan> => {
      const names = takers
        .filter((taker) => [...lane.sources, ...lane.subscribers].includes(takerName(taker)))
        .map(({ rememberedAs }) => rememberedAs);
      const [state, pause, { LastModified = "" }] = await Promise.all([
        mappingState(lambda, lane.eventSourceMapping),
        notes.read(lane.eventSourceMapping),
        lambda.send(new GetFunctionConfigurationCommand({ FunctionName: lane.function })),
      ]);
      return {
        lane,
        deadLetters,
        oldestSeconds: ages[index],
        reasons: groupFailures(failures.items.filter(({ source }) => names.includes(source))),
        isPaused: state === "disabled",
        pause,
        changedAt: Date.parse(LastModified),
      };
    }),
  );
}

/** SQS makes one move out of a queue at a time. @throws RefusedError while there is one */
export async function refuseSecond(stage: Stage, lanes: readonly NamedLane[]): Promise<void> {
  const sqs = await stage.clients.sqs();
  await inParallel(lanes, 8, async (lane) => {
    const { arn } = await queueState(sqs, lane.deadLetterQueueUrl);
    if (!isRunning(await newestMove(sqs, arn))) return;
    throw new RefusedError(`a redrive of ${laneTitle(lane)} runs already`, {
      next: `npm run ops -- redrive ${lane.name} --cancel --stack ${stage.name}, or wait for its end`,
    });
  });
}
