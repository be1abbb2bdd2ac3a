import { type MessageDraft, sha256 } from "./message.js";

/** Five minutes, which hold even after the message is deleted (AWS fact 3.7). */
const intervalMilliseconds = 5 * 60 * 1000;

/** What a repetition is answered with of the message that came first. */
export interface FirstMessage {
  readonly id: string;
  readonly sequenceNumber?: string | undefined;
}

/** What a FIFO queue remembers of the messages that it took: five minutes' worth, and of each only what it needs. */
export class Deduplication {
  /** In the order of their times. */
  readonly #sent = new Map<string, FirstMessage & { readonly at: number }>();

  /** @param byGroup deduplicates within a message group instead of the whole queue */
  constructor(private readonly byGroup: boolean) {}

  /** The message that was taken with the draft's deduplication id within the interval. */
  find(draft: MessageDraft, now: number): FirstMessage | undefined {
    for (const [key, { at }] of this.#sent) {
      if (now - at <= intervalMilliseconds) break;
      this.#sent.delete(key);
    }
    return this.#sent.get(this.#key(draft));
  }

  remember(draft: MessageDraft, { id, sequenceNumber }: FirstMessage, now: number): void {
    this.#sent.set(this.#key(draft), { id, sequenceNumber, at: now });
  }

  /** A purged queue takes everything anew (AWS fact 3.21). */
  forget(): void {
    this.#sent.clear();
  }

  #key(draft: MessageDraft): string {
    const id = deduplicationIdOf(draft);
    return this.byGroup ? `${draft.groupId} ${id}` : id;
  }
}

/** The sender's own, or what the body stands for. */
export function deduplicationIdOf({ body, deduplicationId }: MessageDraft): string {
  return deduplicationId ?? sha256(body);
}
