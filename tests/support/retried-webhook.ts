import { Queue } from "local-aws";
import { delayRedelivery } from "../../runtime/batch/redelivery.js";
import { createLog } from "../../runtime/telemetry/log.js";
import { lanesOf } from "../../settings/lanes.js";
import type { Settings } from "../../settings/settings.js";
import { sqsRecord } from "./sqs-events.js";

/** What a delivery of a webhook ends with, and how long it took. */
export interface Delivered {
  readonly ends: "fails" | "asks for the longest delay" | "dies";
  readonly seconds: number;
}

/** What became of a webhook that always fails. */
export interface Retried {
  readonly deadLettered: boolean;
  readonly deliveries: number;
  /** From its first delivery to its last. */
  readonly horizonSeconds: number;
  /** The highest age of the oldest message that SQS would have shown. */
  readonly highestAgeSeconds: number;
  /** What SQS refused to do. */
  readonly refusals: readonly string[];
}

/** A webhook that always fails, in the local queue on a clock of its own, with the delays that the function asks for. */
export async function retryToTheEnd(
  settings: Settings,
  { delivery, random }: { readonly delivery: () => Delivered; readonly random: () => number },
): Promise<Retried> {
  const [lane] = lanesOf(settings, "webhooks");
  if (lane === undefined) throw new Error("the settings have no lane");
  const { backoff, sources, maxReceiveCount } = lane.definition;
  const own = sources[0]?.backoff ?? backoff;
  const { visibilityTimeoutSeconds, retentionDays, type } = settings.queue;
  const fifo = type === "fifo";

  const startedAt = 1_767_225_600_000;
  let now = startedAt;
  const common = {
    url: "https://sqs.example/queue",
    fifo,
    visibilityTimeoutSeconds,
    delaySeconds: 0,
    maximumMessageBytes: 1_048_576,
    receiveWaitSeconds: 0,
    contentBasedDeduplication: false,
    deduplicatesByGroup: true,
  };
  const redrive = { deadLetterTargetArn: "dead", maxReceiveCount };
  const retentionSeconds = retentionDays * 86_400;
  const queue = new Queue(
    { ...common, name: "q", arn: "q", retentionSeconds, redrive },
    undefined,
    () => now,
  );
  const deadLetters = new Queue(
    { ...common, name: "dead", arn: "dead", retentionSeconds: 14 * 86_400 },
    undefined,
    () => now,
  );
  queue.send({ body: "{}", attributes: {}, ...(fifo ? { groupId: "a", deduplicationId: "1" } : {}) });

  const refusals: string[] = [];
  let [deliveries, lastAt, highestAgeSeconds] = [0, now, 0];
  while (queue.peek().length > 0) {
    const [message] = queue.receive(1, visibilityTimeoutSeconds, deadLetters);
    if (message !== undefined) {
      deliveries += 1;
      lastAt = now;
      const { ends, seconds } = delivery();
      const { receiptHandle = "", receiveCount } = message;
      now += seconds * 1_000;
      const record = { ...sqsRecord("{}", { receiveCount, fifo, group: "a" }), receiptHandle };
      const asked = ends === "fails" ? {} : { retryAfterSeconds: own.maxSeconds };
      const handedBack = [{ record, backoff: own, givenUp: receiveCount >= maxReceiveCount, ...asked }];
      const changeVisibility = async (handle: string, until: number) => queue.changeVisibility(handle, until);
      const log = createLog({ level: "WARN", clock: () => now, writeLine: (line) => refusals.push(line) });
      if (ends !== "dies")
        await delayRedelivery(handedBack, { changeVisibility, backoff, clock: () => now, random, log });
    }
    // Just before it is received again it is oldest. What is not there any more is not waited for.
    now = queue.peek()[0]?.visibleAt ?? now;
    highestAgeSeconds = Math.max(highestAgeSeconds, queue.counts().ageOfOldestSeconds);
  }
  return {
    deadLettered: deadLetters.peek().length === 1,
    deliveries,
    horizonSeconds: (lastAt - startedAt) / 1_000,
    highestAgeSeconds,
    refusals,
  };
}
