import { longestDelaySeconds, longestVisibilitySeconds } from "../../runtime/batch/backoff.js";
import type { BackoffDefinition } from "../../runtime/stage/definition.js";
import type { Parsed, Partially } from "../schemas.js";
import { stageBackoff } from "./backoff.js";
import { type DeliveryTimes, longestHorizonSeconds, plannedAgeSeconds } from "./horizon.js";

/** What decides for how long a stage's webhooks are tried. */
type RetrySettings = Pick<Parsed, "processor"> & {
  readonly queue: Parsed["queue"] & Pick<DeliveryTimes, "visibilityTimeoutSeconds">;
  readonly sources: readonly Pick<Parsed["sources"][number], "definition" | "subscribers">[];
};

/** A backoff with the place where it is set. */
interface PlacedBackoff {
  readonly path: string;
  readonly type: "standard" | "fifo";
  readonly backoff: BackoffDefinition;
  /** Absent if it is a default. */
  readonly writtenMaxSeconds: number | undefined;
}

/** Problems of the delays between a webhook's deliveries with what SQS can do and with how long it keeps a webhook. */
export function retryProblems({ queue, processor, sources = [] }: Partially): string[] {
  const { visibilityTimeoutSeconds } = queue ?? {};
  if (queue === undefined || processor === undefined || visibilityTimeoutSeconds === undefined) return [];
  const settings = { queue: { ...queue, visibilityTimeoutSeconds }, processor, sources };
  const problems = backoffsOf(settings).flatMap((placed) => [
    ...delayProblems(placed, settings),
    ...horizonProblems(placed, settings),
  ]);
  return [...new Set(problems)];
}

/** The age that the oldest webhook of a queue can reach because webhooks that fail are tried again as planned, in seconds. */
export function plannedAgeOfOldest(settings: RetrySettings): number {
  const { maxReceiveCount } = settings.queue;
  const ages = backoffsOf(settings).map(({ backoff, type }) =>
    plannedAgeSeconds({ backoff, maxReceiveCount }, type, timesOf(settings)),
  );
  return Math.max(...ages);
}

/** The delays that webhooks of this stage have: the stage's own on each type of queue, and those of sources and subscribers. */
function backoffsOf({ queue, processor, sources }: RetrySettings): PlacedBackoff[] {
  const { type: present, formerType = present, maxReceiveCount } = queue;
  const stage = { path: "processor.backoff", writtenMaxSeconds: processor.backoff.maxSeconds };
  return [...new Set([present, formerType])].flatMap((type) => [
    { ...stage, type, backoff: stageBackoff(processor.backoff, { type, maxReceiveCount }) },
    ...sources.flatMap(({ definition, subscribers }, index) => [
      ...ownBackoff(`sources[${index}]`, type, definition),
      ...subscribers.flatMap((subscriber, at) =>
        ownBackoff(`sources[${index}].subscribers[${at}]`, type, subscriber.definition),
      ),
    ]),
  ]);
}

function ownBackoff(
  owner: string,
  type: PlacedBackoff["type"],
  { backoff }: { readonly backoff?: BackoffDefinition },
): PlacedBackoff[] {
  if (backoff === undefined) return [];
  return [{ path: `${owner}.backoff`, type, backoff, writtenMaxSeconds: backoff.maxSeconds }];
}

function delayProblems(
  { path, type, backoff: { baseSeconds }, writtenMaxSeconds }: PlacedBackoff,
  { queue, processor }: RetrySettings,
): string[] {
  // A queue that is only worked off is left as it is.
  if (writtenMaxSeconds === undefined || type !== queue.type) return [];
  const { maxReceiveCount } = queue;
  if (maxReceiveCount === 1) {
    return [`${path}.maxSeconds: has no effect: with queue.maxReceiveCount 1 nothing is tried again`];
  }
  const unlimited = { baseSeconds, maxSeconds: Number.POSITIVE_INFINITY };
  const reached = longestDelaySeconds(unlimited, maxReceiveCount - 1);
  const handled = processor.batchWindowSeconds + processor.timeoutSeconds;
  return [
    ...(writtenMaxSeconds > reached
      ? [
          `${path}.maxSeconds: ${writtenMaxSeconds} cannot be reached: with baseSeconds ${baseSeconds} and ` +
            `queue.maxReceiveCount ${maxReceiveCount} the longest delay is ${reached} seconds. Write at most that, or raise one of the others`,
        ]
      : []),
    ...(writtenMaxSeconds + handled > longestVisibilitySeconds
      ? [
          `${path}.maxSeconds: must be at most ${longestVisibilitySeconds - handled}: SQS hides a webhook for ` +
            `${longestVisibilitySeconds} seconds at most, and processor.timeoutSeconds and batchWindowSeconds take ${handled} of them`,
        ]
      : []),
  ];
}

function horizonProblems({ path, backoff }: PlacedBackoff, settings: RetrySettings): string[] {
  const { maxReceiveCount, retentionDays } = settings.queue;
  const horizonHours = longestHorizonSeconds({ backoff, maxReceiveCount }, timesOf(settings)) / 3_600;
  const retentionHours = 24 * retentionDays;
  if (horizonHours < retentionHours) return [];
  return [
    `${path}: ${maxReceiveCount} deliveries can take up to ${Math.ceil(horizonHours)} hours, and SQS deletes a webhook after ` +
      `${retentionHours} (queue.retentionDays ${retentionDays}), before it has reached the dead-letter queue. Lower maxSeconds or ` +
      "queue.maxReceiveCount, or raise queue.retentionDays",
  ];
}

function timesOf({ queue, processor }: RetrySettings): DeliveryTimes {
  const { timeoutSeconds, batchWindowSeconds } = processor;
  return { timeoutSeconds, batchWindowSeconds, visibilityTimeoutSeconds: queue.visibilityTimeoutSeconds };
}
