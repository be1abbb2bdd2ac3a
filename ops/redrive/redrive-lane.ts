import { counted } from "../../command-line/counted.js";
import { laneTitle, type NamedLane } from "../lanes/find-lane.js";
import type { Stage } from "../stage/stage.js";
import { type Aftermath, moveBack, watchAftermath } from "./move.js";
import type { RedrivePlan } from "./plan.js";

/** Most messages a second: docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
export const fastest = 500;

/** How the redrive of a lane ended. */
export interface RedriveResult {
  readonly moved: number;
  readonly isCancelled: boolean;
  readonly after: Aftermath;
  /** Whether all that was to be moved is handled, as far as it is known. */
  readonly isWhole: boolean;
}

/**
 * Moves a lane's dead letters back, and watches what becomes of them.
 *
 * @throws CommandError if SQS gives up
 */
export async function redriveLane(
  stage: Stage,
  { lane, deadLetters, isPaused }: RedrivePlan,
  {
    rate,
    waitSeconds,
    onMoved,
    onAllMoved = () => {},
  }: {
    readonly rate: number;
    readonly waitSeconds: number;
    /** Is told how many are moved so far. */
    readonly onMoved: (count: number) => void;
    /** Is called before the watching begins. */
    readonly onAllMoved?: () => void;
  },
): Promise<RedriveResult> {
  const sqs = await stage.clients.sqs();
  const { moved, isCancelled } = await moveBack(sqs, deadLetters, rate, onMoved);
  onAllMoved();
  // What waits in a paused lane cannot come back.
  const after = await watchAftermath(sqs, lane, isPaused ? 0 : waitSeconds, () => {});
  return { moved, isCancelled, after, isWhole: after.bounced === 0 && !isCancelled };
}

/** `lane webhooks (github): 3 webhooks moved, none is a dead letter again` */
export function resultText(lane: NamedLane, { moved, isCancelled, after }: RedriveResult): string {
  const parts = [
    `${counted(moved, "webhook")} moved`,
    ...(after.inQueue > 0 ? [`${after.inQueue} in the queue`] : []),
    after.bounced === 0 ? "none is a dead letter again" : `${after.bounced} are dead letters`,
    ...(isCancelled ? ["cancelled"] : []),
  ];
  return `${laneTitle(lane)}: ${parts.join(", ")}`;
}
