import type { Envelope } from "../envelope/envelope.js";
import { sha256 } from "../envelope/sha256.js";
import type { Claim } from "../history/history.js";
import { type Payload, wasTooLarge } from "../payload/payload.js";
import { fullName } from "../stage/definition.js";
import { carry, encodeHandOver } from "./message.js";
import type { Send } from "./sender.js";

/** A claimed webhook that goes to the subscribers of its source. */
export interface Distribution {
  /** What messages and the history call the source. */
  readonly source: string;
  /** Names of the subscribers, without their source. */
  readonly subscribers: readonly string[];
  readonly eventId: string;
  readonly claim: Claim;
  readonly request: Envelope;
  /** What the history keeps of the webhook. */
  readonly payload: Payload;
  /** Whether that has everything that the sender sent. */
  readonly isComplete: boolean;
  /** The message's group in the source's queue, if it has one. */
  readonly groupId: string | undefined;
}

/** Who gets a webhook, and for which replay. */
export interface Recipient {
  readonly subscriber: string;
  readonly replayId?: string;
}

/** The error for a webhook that not every subscriber got. */
export class HandOverError extends Error {
  override readonly name = "HandOverError";
}

/**
 * Hands a webhook over to the subscribers of its source, a message for each. Resolves when SQS has confirmed all of them.
 * If a later try sends one again, the subscriber's own claim knows it.
 *
 * @param queues URLs of the subscribers' queues, by {@link fullName}
 * @throws HandOverError that names a subscriber without a message, after all others have one
 */
export async function handOver(
  distribution: Distribution,
  { queues, send }: { readonly queues: Readonly<Record<string, string>>; readonly send: Send },
): Promise<void> {
  const { source, subscribers, eventId, claim, request, payload, isComplete, groupId } = distribution;
  const carried = await carry(request, payload, isComplete);
  const isMissing = wasTooLarge(payload);
  const to = recipients(subscribers, claim);
  const work = to.map(async ({ subscriber, replayId }) => {
    const queueUrl = queues[fullName(source, subscriber)];
    if (queueUrl === undefined) throw new Error("its queue is not known: deploy all functions together");
    const body = encodeHandOver({ source, subscriber, eventId, replayId, wasTooLarge: isMissing, carried });
    await send(queueUrl, { body, ...fifoIds(queueUrl, { source, subscriber, groupId, claim }) });
  });
  const failed = (await Promise.allSettled(work)).flatMap((result, index) =>
    result.status === "rejected"
      ? { subscriber: to[index]?.subscriber, error: result.reason as unknown }
      : [],
  );
  const [first] = failed;
  if (first === undefined) return;
  const { subscriber, error } = first;
  const why = `${subscriber}: ${error instanceof Error ? error.message : String(error)}`;
  throw new HandOverError(`${failed.length} of ${work.length} subscribers did not get it: ${why}`, {
    cause: error,
  });
}

/**
 * Who gets a webhook that is claimed: all subscribers, each with the latest replay that is due for it. Once all of them
 * have got it, only those get it again for which a replay is due.
 */
export function recipients(
  subscribers: readonly string[],
  { dueReplays = [], distributedAt }: Pick<Claim, "dueReplays" | "distributedAt">,
): Recipient[] {
  const isOnlyReplayed = distributedAt !== undefined && dueReplays.length > 0;
  return subscribers.flatMap((subscriber) => {
    const due = dueReplays.findLast(({ replayFor }) => replayFor === undefined || replayFor === subscriber);
    if (due !== undefined) return { subscriber, replayId: due.replayId };
    return isOnlyReplayed ? [] : { subscriber };
  });
}

/** docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const longestGroupId = 128;

/**
 * On a FIFO queue a subscriber has the groups of its source's queue, apart from those of the subscribers it shares its
 * queue with: one must not wait for another. On a standard queue each subscriber is one group, so that SQS delivers fairly between
 * them.
 *
 * SQS must know the SDK's repetition of a request again, and must not drop what a later try sends. So the deduplication id
 * is that of the claim.
 */
function fifoIds(
  queueUrl: string,
  {
    source,
    subscriber,
    groupId = source,
    claim,
  }: Pick<Distribution, "source" | "claim"> & {
    readonly subscriber: string;
    readonly groupId: string | undefined;
  },
): { readonly groupId: string; readonly deduplicationId?: string } {
  const name = fullName(source, subscriber);
  if (!queueUrl.endsWith(".fifo")) return { groupId: name.length <= longestGroupId ? name : sha256(name) };
  const group = `${subscriber}/${groupId}`;
  return {
    groupId: group.length <= longestGroupId ? group : sha256(group),
    deduplicationId: `${claim.token}.${subscriber}`,
  };
}
