import { setTimeout as delay } from "node:timers/promises";
import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { CommandError } from "../../command-line/command-error.js";
import type { NamedLane } from "../lanes/find-lane.js";
import { inQueue, type QueueState, queueState } from "../lanes/queue-state.js";

const pollMilliseconds = 500;

/** The newest move out of a dead-letter queue. */
export async function newestMove(
  sqs: SQSClient,
  deadLetterQueueArn: string,
): Promise<ListMessageMoveTasksResultEntry | undefined> {
  const { Results = [] } = await sqs.send(
    new ListMessageMoveTasksCommand({ SourceArn: deadLetterQueueArn, MaxResults: 1 }),
  );
  return Results[0];
}

export function isRunning(move: ListMessageMoveTasksResultEntry | undefined): boolean {
  return move?.Status === "RUNNING" || move?.Status === "CANCELLING";
}

/**
 * Moves the dead letters back to the queue that they came from, and waits for the end. SQS does it; whoever stops waiting does not
 * stop it. It works for FIFO queues too: docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 *
 * @param onMoved is told how many are moved so far
 * @returns how many were moved, and whether it was cancelled
 * @throws CommandError if SQS gives up
 */
export async function moveBack(
  sqs: SQSClient,
  { arn }: Pick<QueueState, "arn">,
  perSecond: number,
  onMoved: (count: number) => void,
): Promise<{ readonly moved: number; readonly isCancelled: boolean }> {
  await sqs.send(
    new StartMessageMoveTaskCommand({ SourceArn: arn, MaxNumberOfMessagesPerSecond: perSecond }),
  );
  for (;;) {
    const move = await newestMove(sqs, arn);
    const moved = Number(move?.ApproximateNumberOfMessagesMoved ?? 0);
    onMoved(moved);
    if (move?.Status === "COMPLETED") return { moved, isCancelled: false };
    if (move?.Status === "CANCELLED") return { moved, isCancelled: true };
    if (move?.Status === "FAILED") {
      throw new CommandError(`SQS gave up after ${moved}: ${move.FailureReason ?? "it says no reason"}`, {
        next: "run the same command again: what was not moved is still there",
      });
    }
    await delay(pollMilliseconds);
  }
}

/** @returns how many were moved before, or undefined if nothing is being moved */
export async function cancelMove(
  sqs: SQSClient,
  { arn }: Pick<QueueState, "arn">,
): Promise<number | undefined> {
  const move = await newestMove(sqs, arn);
  if (move?.TaskHandle === undefined || move.Status !== "RUNNING") return undefined;
  const { ApproximateNumberOfMessagesMoved = 0 } = await sqs.send(
    new CancelMessageMoveTaskCommand({ TaskHandle: move.TaskHandle }),
  );
  return ApproximateNumberOfMessagesMoved;
}

/** What became of what was moved, as far as it is known. */
export interface Aftermath {
  /** Still in the queue: waiting, being handled, or hidden until the next try. Newer webhooks are counted too. */
  readonly inQueue: number;
  /** In the dead-letter queue again. */
  readonly bounced: number;
}

/** Waits until the queue is empty, or for the given time. */
export async function watchAftermath(
  sqs: SQSClient,
  lane: NamedLane,
  seconds: number,
  onChange: (left: number) => void,
): Promise<Aftermath> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const [queue, deadLetters] = await Promise.all([
      queueState(sqs, lane.queueUrl),
      queueState(sqs, lane.deadLetterQueueUrl),
    ]);
    const left = inQueue(queue);
    onChange(left);
    if (left === 0 || Date.now() >= until) return { inQueue: left, bounced: inQueue(deadLetters) };
    await delay(pollMilliseconds);
  }
}
