import { invalidParameter, missingParameter } from "./errors.js";
import { type MessageDraft, sha256 } from "./message.js";
import type { QueuedMessage, QueueSettings } from "./queue.js";

/** Five minutes, which hold even after the message is deleted (AWS fact 3.7). */
const intervalMilliseconds = 5 * 60 * 1000;

/** What a FIFO queue remembers of the messages that it took. */
export class Deduplication {
  /** In the order of their times. */
  readonly #sent = new Map<string, { message: QueuedMessage; at: number }>();

  constructor(private readonly settings: QueueSettings) {}

  /** The draft's deduplication id; throws SqsError for a draft that a FIFO queue does not take. */
  idOf(draft: MessageDraft): string {
    if (draft.groupId === undefined) throw missingParameter("MessageGroupId");
    if ((draft.delaySeconds ?? 0) !== 0) {
      throw invalidParameter(
        `Value ${draft.delaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
      );
    }
    if (draft.deduplicationId !== undefined) return draft.deduplicationId;
    if (this.settings.contentBasedDeduplication) return sha256(draft.body);
    throw invalidParameter(
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  }

  /** The message that was taken with this id within the interval. */
  find(draft: MessageDraft, id: string, now: number): QueuedMessage | undefined {
    for (const [key, { at }] of this.#sent) {
      if (now - at <= intervalMilliseconds) break;
      this.#sent.delete(key);
    }
    return this.#sent.get(this.#key(draft, id))?.message;
  }

  remember(message: QueuedMessage, id: string, now: number): void {
    this.#sent.set(this.#key(message, id), { message, at: now });
  }

  #key({ groupId }: Pick<MessageDraft, "groupId">, id: string): string {
    return this.settings.deduplicatesByGroup ? `${groupId} ${id}` : id;
  }
}
